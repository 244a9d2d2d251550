/** The Exchange versions the stand-in can pretend to be. */
export type ProductName = '2013sp1' | '2016' | '2019' | 'se';

/** What a client can tell about the server from the outside. */
export interface Product {
  readonly name: ProductName;
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
  /** `Version` of ServerVersionInfo: the newest schema the server speaks. */
  readonly schemaVersion: string;
  /** `Server` header; IIS goes with the Windows the product runs on. */
  readonly iis: string;
  /** Major, minor and build of that Windows. */
  readonly windows: readonly [major: number, minor: number, build: number];
  /** OAuth for applications needs 2013 CU19 or 2016 CU8 (shared facts, dynamics.md §6.8). */
  readonly hasModernAuthentication: boolean;
  /** Computer name in X-FEServer, X-BEServer and X-DiagInfo. */
  readonly computer: string;
  /** Code of the fault for a RequestServerVersion the server does not know; 2019 is on record with the vaguer one. */
  readonly unknownVersionCode: 'ErrorInvalidRequest' | 'ErrorInvalidServerVersion';
  /** RequestServerVersion values that are understood, oldest first. */
  readonly requestVersions: readonly string[];
}

const UP_TO_2013_SP1 = [
  'Exchange2007',
  'Exchange2007_SP1',
  'Exchange2009',
  'Exchange2010',
  'Exchange2010_SP1',
  'Exchange2010_SP2',
  'Exchange2012',
  'Exchange2013',
  'Exchange2013_SP1',
] as const;
const UP_TO_2017 = [
  ...UP_TO_2013_SP1,
  'Exchange2015',
  'Exchange2016',
  'V2015_10_05',
  'V2016_01_06',
  'V2016_04_13',
  'V2016_07_13',
  'V2016_10_10',
  'V2017_01_07',
  'V2017_04_14',
  'V2017_07_11',
] as const;

/** Builds on record (shared facts, exchange.md §6.2): 2013 SP1 = CU4, 2016 CU23, 2019 CU14, SE RTM. */
export const PRODUCTS: Readonly<Record<ProductName, Product>> = {
  '2013sp1': {
    name: '2013sp1',
    major: 15,
    minor: 0,
    build: 847,
    revision: 32,
    schemaVersion: 'V2_8',
    iis: 'Microsoft-IIS/8.5',
    windows: [6, 3, 9600],
    hasModernAuthentication: false,
    computer: 'EX13-01',
    unknownVersionCode: 'ErrorInvalidServerVersion',
    requestVersions: UP_TO_2013_SP1,
  },
  '2016': {
    name: '2016',
    major: 15,
    minor: 1,
    build: 2507,
    revision: 6,
    schemaVersion: 'V2017_07_11',
    iis: 'Microsoft-IIS/10.0',
    windows: [10, 0, 14393],
    hasModernAuthentication: true,
    computer: 'EX16-01',
    unknownVersionCode: 'ErrorInvalidServerVersion',
    requestVersions: UP_TO_2017,
  },
  '2019': {
    name: '2019',
    major: 15,
    minor: 2,
    build: 1544,
    revision: 4,
    schemaVersion: 'V2017_07_11',
    iis: 'Microsoft-IIS/10.0',
    windows: [10, 0, 17763],
    hasModernAuthentication: true,
    computer: 'EX19-01',
    unknownVersionCode: 'ErrorInvalidRequest',
    requestVersions: UP_TO_2017,
  },
  se: {
    name: 'se',
    major: 15,
    minor: 2,
    build: 2562,
    revision: 17,
    schemaVersion: 'V2017_07_11',
    iis: 'Microsoft-IIS/10.0',
    windows: [10, 0, 20348],
    hasModernAuthentication: true,
    computer: 'EXSE-01',
    unknownVersionCode: 'ErrorInvalidServerVersion',
    requestVersions: UP_TO_2017,
  },
};

export function isProductName(name: string): name is ProductName {
  return Object.hasOwn(PRODUCTS, name);
}

/** The build as X-OWA-Version writes it. */
export function buildText(product: Product): string {
  return `${product.major}.${product.minor}.${product.build}.${product.revision}`;
}

/** True where the caller asked for that schema version or a newer one. */
export function isAtLeast(product: Product, requested: string, wanted: string): boolean {
  return product.requestVersions.indexOf(requested) >= UP_TO_2017.findIndex((version) => version === wanted);
}

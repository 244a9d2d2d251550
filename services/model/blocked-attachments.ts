import type { Params } from './error.ts';

/** The platform's own list of file types that mail may not carry (power-platform/admin, "System settings: General"). */
export const vendorBlockedAttachments =
  'ade;adp;app;asa;ashx;asmx;asp;bas;bat;cdx;cer;chm;class;cmd;com;config;cpl;crt;csh;dll;exe;fxp;hlp;hta;htr;htw;ida;idc;idq;inf;ins;isp;its;jar;js;jse;ksh;lnk;mad;maf;mag;mam;maq;mar;mas;mat;mau;mav;maw;mda;mdb;mde;mdt;mdw;mdz;msc;msh;msh1;msh1xml;msh2;msh2xml;mshxml;msi;msp;mst;ops;pcd;pif;prf;prg;printer;pst;reg;rem;scf;scr;sct;shb;shs;shtm;shtml;soap;stm;svc;tmp;url;vb;vbe;vbs;vsmacros;vss;vst;vsw;ws;wsc;wsf;wsh';

/** What was typed as a list of file types: the list in the column's own form, or what is wrong with it. */
export type BlockedAttachments =
  | { readonly kind: 'read'; readonly list: string }
  | { readonly kind: 'refused'; readonly code: string; readonly params: Params };

const extension = /^[a-z\d][\w+-]{0,31}$/;

/**
 * Reads a list of file types: by semicolons, commas or spaces, each with or without `.` or `*.` before it, in any case, some
 * of them twice. Kept is the column's form: `exe;bat`, in the order in which they were typed. An empty list blocks nothing.
 */
export function readBlockedAttachments(typed: string, most: number): BlockedAttachments {
  const found = new Set<string>();
  for (const word of typed.toLowerCase().split(/[\s;,]+/)) {
    const name = word.replace(/^\*?\./, '');
    if (name === '') continue;
    if (!extension.test(name))
      return { kind: 'refused', code: 'settings.extension-invalid', params: { extension: word.slice(0, 40) } };
    found.add(name);
  }
  const list = [...found].join(';');
  if (list.length > most || typed.length > most)
    return { kind: 'refused', code: 'settings.extensions-too-long', params: { most } };
  return { kind: 'read', list };
}

/** The file types of a list in the column's form. */
export const fileTypesOf = (list: string): string[] => list.split(';').filter((name) => name !== '');

/** Those of the first list that the second one lacks. */
export function fileTypesMissing(list: string, other: string): string[] {
  const there = new Set(fileTypesOf(other));
  return fileTypesOf(list).filter((name) => !there.has(name));
}

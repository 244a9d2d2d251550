const SVG = 'http://www.w3.org/2000/svg';

/** The icons that Mailroom's cards name, drawn in a square of 20: on a disc, or as a shape of their own. */
const SHAPES = {
  CheckmarkCircle: { disc: true, path: 'M6 10.5l2.8 2.8L14 7.6' },
  DismissCircle: { disc: true, path: 'M7 7l6 6M13 7l-6 6' },
  QuestionCircle: { disc: true, path: 'M7.6 7.8a2.4 2.4 0 1 1 3.6 2c-.8.5-1.2.9-1.2 1.8M10 13.8v.2' },
  SubtractCircle: { disc: true, path: 'M6.5 10h7' },
  Info: { disc: true, path: 'M10 9.2V14M10 6.3v.2' },
  Circle: { path: 'M10 3a7 7 0 1 1 0 14a7 7 0 1 1 0-14z' },
  ArrowSyncCircle: {
    disc: true,
    path: 'M6.4 9a3.8 3.8 0 0 1 6.6-1.4M13 5.6v2.2h-2.2M13.6 11a3.8 3.8 0 0 1-6.6 1.4M7 14.4v-2.2h2.2',
  },
  ArrowClockwise: { path: 'M16 10a6 6 0 1 1-1.8-4.3L16 7.4M16 3.6v3.8h-3.8' },
  Warning: { triangle: true, path: 'M10 7.6v4M10 14v.2' },
};

/** `Icon` of Teams, in the colour of the text around it. An icon that is not drawn here takes its fallback, as in a client that has none. */
export class Icon extends globalThis.AdaptiveCards.CardElement {
  internalParse(source, context) {
    super.internalParse(source, context);
    this.source = source;
  }

  getJsonTypeName() {
    return 'Icon';
  }

  internalRender() {
    const { name, color = 'Default' } = this.source;
    const shape = SHAPES[name];
    const picture = document.createElementNS(SVG, 'svg');
    picture.setAttribute('class', 'icon');
    picture.setAttribute('viewBox', '0 0 20 20');
    picture.setAttribute('aria-hidden', 'true');
    const tones = this.hostConfig.containerStyles.default.foregroundColors;
    picture.style.color = (tones[color.toLowerCase()] ?? tones.default).default;
    if (shape === undefined) return picture;
    if (shape.disc) picture.append(path('M10 2a8 8 0 1 1 0 16a8 8 0 1 1 0-16z', 'icon-body'));
    if (shape.triangle) picture.append(path('M10 2.2L18.6 17.4H1.4z', 'icon-body'));
    picture.append(path(shape.path, shape.disc || shape.triangle ? 'icon-mark' : 'icon-line'));
    return picture;
  }
}

function path(d, className) {
  const node = document.createElementNS(SVG, 'path');
  node.setAttribute('d', d);
  node.setAttribute('class', className);
  return node;
}

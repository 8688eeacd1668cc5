// Styles of the page: colours by the names of tokens.css only, flat, and the same in both writing directions.
const colours = ['rgb', 'rgba', 'hsl', 'hsla', 'hwb', 'lab', 'lch', 'oklab', 'oklch', 'color'];
const gradients = ['linear-gradient', 'radial-gradient', 'conic-gradient'];

export default {
  overrides: [
    { files: ['**/*.vue'], customSyntax: 'postcss-html' },
    { files: ['**/tokens.css'], rules: { 'function-disallowed-list': gradients } },
  ],
  rules: {
    'color-named': 'never',
    'color-no-hex': true,
    'function-disallowed-list': [...colours, ...gradients],
    'property-disallowed-list': [
      'box-shadow',
      'text-shadow',
      'float',
      'left',
      'right',
      '/^(?:margin|padding|border)-(?:left|right)/',
    ],
    'declaration-no-important': true,
    'block-no-empty': true,
    'no-duplicate-selectors': true,
    'no-unknown-animations': true,
    'property-no-unknown': true,
    'unit-no-unknown': true,
  },
  reportDescriptionlessDisables: true,
  reportInvalidScopeDisables: true,
  reportNeedlessDisables: true,
};

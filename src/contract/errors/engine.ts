import type { ErrorEntry } from '../errors.ts';

export const engineErrors = {
  'method.unknown': {
    message: 'There is no adaptation method called {method}.',
    safe: 'Nothing was started.',
    action: 'Choose one of: {known}.',
    exit: 2,
  },
  'method.setting': {
    message: 'The method {method} has no setting {setting} that could be {value}.',
    safe: 'Nothing was started.',
    action: 'See the names and ranges of the settings in the catalogue of methods.',
    exit: 2,
  },
  'views.unknown': {
    message: 'There is no preset of views called {views}.',
    safe: 'Nothing was started.',
    action: 'Choose one of: {known}.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorEntry>;

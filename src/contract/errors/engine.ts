import type { ErrorEntry } from '../errors.ts';

export const engineErrors = {
  'runtime.telemetry': {
    message: 'The numerics runtime would report usage over the network, so it was not loaded.',
    safe: 'Nothing was sent and nothing was changed.',
    action: 'Start Acclimate with its own commands, or set ORT_DISABLE_TELEMETRY=1.',
    exit: 1,
  },
  'runtime.state': {
    message: 'The model state does not fit the program: {reason}.',
    safe: 'Saved points on disk are not changed.',
    action: 'Start the run again; if it happens again, report it with the name of the backbone and method.',
    exit: 1,
  },
  'runtime.unavailable': {
    message: 'The engine {choice} cannot be used here: {reason}.',
    safe: 'Nothing was changed.',
    action: 'Leave the engine on auto, or look at `acclimate doctor`.',
    exit: 1,
  },
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

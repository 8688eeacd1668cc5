import type { ErrorEntry } from '../errors.ts';

export const usageErrors = {
  'usage.unknownCommand': {
    message: 'There is no command `{command}`.{suggestion}',
    safe: 'Nothing was done.',
    action: 'Run `acclimate --help` for the list of commands.',
    exit: 2,
  },
  'usage.unknownOption': {
    message: '`acclimate {command}` has no option `{option}`.{suggestion}',
    safe: 'Nothing was done.',
    action: 'Run `acclimate {command} --help` for its options and an example.',
    exit: 2,
  },
  'usage.badValue': {
    message: '`{option}` cannot be `{value}`: {reason}.',
    safe: 'Nothing was done.',
    action: 'Run `acclimate {command} --help` for its options and an example.',
    exit: 2,
  },
  'usage.missing': {
    message: '`acclimate {command}` needs {what}.',
    safe: 'Nothing was done.',
    action: 'Run `acclimate {command} --help` for its options and an example.',
    exit: 2,
  },
  'usage.tooMany': {
    message: '`acclimate {command}` does not know what to do with `{value}`.',
    safe: 'Nothing was done.',
    action: 'Put names with spaces in quotes; run `acclimate {command} --help` for an example.',
    exit: 2,
  },
  'process.died': {
    message: 'A part of Acclimate that was working on this stopped unexpectedly.',
    safe: 'Labels, finished results and the last saved point are on disk.',
    action: 'Try again; a run that was interrupted goes on with `acclimate resume`.',
    exit: 1,
  },
  'call.cancelled': {
    message: 'The work was cancelled before it was done.',
    safe: 'Nothing that was there before has changed.',
    action: 'Start it again when you like; what was finished is not done twice.',
    exit: 1,
  },
  'call.unknown': {
    message: 'This version of Acclimate cannot do `{name}`.',
    safe: 'Nothing was done.',
    action: 'Use the page and the program of one version.',
    exit: 1,
  },
  'call.badInput': {
    message: '`{name}` was asked for with something that is not allowed ({reason}).',
    safe: 'Nothing was done.',
    action: 'Correct that value and try again.',
    exit: 2,
  },
  'call.malformed': {
    message: 'Two parts of Acclimate did not understand each other ({reason}).',
    safe: 'Nothing was done by this message.',
    action: 'Restart Acclimate; if it happens again, use the page and the program of one version.',
    exit: 1,
  },
  'server.port': {
    message: 'The port {port} of this computer is in use.',
    safe: 'Nothing was started.',
    action: 'Choose another with `--port`, or leave it out to get a free one.',
    exit: 1,
  },
  'server.socket': {
    message: 'Another server listens on that socket file already.',
    safe: 'Nothing was started.',
    action: 'Choose another with `--socket`, or end the other server.',
    exit: 1,
  },
  'server.none': {
    message: 'No server of yours is running on this computer.',
    safe: 'Nothing was done.',
    action: 'Start one with `acclimate serve`, then ask for the link again.',
    exit: 1,
  },
  'server.off': {
    message: 'The administrator of this computer has switched `acclimate serve` off.',
    safe: 'Nothing was started.',
    action: 'Use the desktop window, or ask the administrator (`serve` in the policy file).',
    exit: 1,
  },
  'policy.broken': {
    message: 'The policy file of this computer cannot be used ({reason}).',
    safe: 'Nothing was started, so nothing goes against the policy.',
    action: 'Ask the administrator to correct {file}.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;

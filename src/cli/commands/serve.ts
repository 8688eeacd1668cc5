import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { readPolicy } from '../../files/policy.ts';
import { settingsFolder } from '../../files/settings-folder.ts';
import { startHost } from '../../server/host.ts';
import { startHttp } from '../../server/http.ts';
import { openPage } from '../../server/open-page.ts';
import type { Command } from '../command.ts';
import { toInput } from '../parse.ts';

const inputSchema = z.object({
  port: z.int().min(0).max(65535).default(0),
  socket: z.string().optional(),
  root: z.array(z.string()).min(1).optional(),
  idle: z.number().positive().max(1000).default(12),
  open: z.boolean().default(false),
});

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serve the app to a browser on this computer (loopback only)',
  positionals: [],
  options: {
    port: { kind: 'number', value: '<N>', help: 'the port; a free one without it' },
    socket: { kind: 'text', value: '<path>', help: 'listen on a socket file of yours alone, instead of a port' },
    root: {
      kind: 'list',
      value: '<dir>',
      help: 'pages see folders below it only (may be repeated; your home without)',
    },
    idle: { kind: 'number', value: '<hours>', help: 'a page that does nothing for so long needs a new link (12)' },
    open: { kind: 'flag', help: 'open it in the browser' },
  },
  example: 'acclimate serve --open --root ~/slides',
  async run({ values }, shell) {
    const { port, socket, root, idle, open } = toInput('serve', inputSchema, values);
    if (!readPolicy().serve) throw new AppError('server.off');
    const host = startHost({ debug: shell.debug });
    try {
      const http = await startHttp({
        host,
        port,
        ...(socket === undefined ? {} : { socket: resolve(socket) }),
        ...(root === undefined ? {} : { roots: root.map((folder) => resolve(folder)) }),
        idleMilliseconds: idle * 3_600_000,
        controlFolder: settingsFolder(),
      });
      shell.say(`Open this in a browser on this computer, within a minute: ${http.url}`);
      if (socket !== undefined) shell.say('<port> is the one your tunnel to the socket file listens on.');
      if (!http.isBuilt) shell.say('The page is not built yet; the address says how.');
      shell.say(
        '`acclimate link` makes a further link, `acclimate link --rater NAME` one for that person only. Ctrl-C ends the server.',
      );
      const tidy = open && socket === undefined ? openPage(http.url) : () => undefined;
      await shell.untilInterrupted();
      tidy();
      await http.close();
      return { json: { port: http.port }, text: 'Ended.' };
    } finally {
      await host.stop();
    }
  },
};

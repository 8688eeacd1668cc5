import { startHost } from '../../server/host.ts';
import { startHttp } from '../../server/http.ts';
import type { Command } from '../command.ts';
import { toInput } from '../parse.ts';
import { z } from 'zod';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serve the app to a browser on this computer (loopback only)',
  positionals: [],
  options: { port: { kind: 'number', value: '<N>', help: 'the port; a free one without it' } },
  example: 'acclimate serve --port 8642',
  async run({ values }, shell) {
    const { port } = toInput('serve', z.object({ port: z.int().min(0).max(65535).default(0) }), values);
    const host = startHost({ debug: shell.debug });
    try {
      const http = await startHttp({ host, port });
      shell.say(`Open this in a browser on this computer: ${http.url}`);
      if (!http.isBuilt) shell.say('The page is not built yet; the address says how.');
      shell.say('Ctrl-C ends it.');
      await shell.untilInterrupted();
      await http.close();
      return { json: { port: http.port }, text: 'Ended.' };
    } finally {
      await host.stop();
    }
  },
};

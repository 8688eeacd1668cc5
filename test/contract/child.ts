import { channels } from '../../src/rpc/channels.ts';
import { ipcPort, TEXT_FRAMES } from '../../src/rpc/transports.ts';
import { startService } from './service.ts';

// The service on plain IPC, or on every channel of it.
const port = ipcPort(process, process.env[TEXT_FRAMES] === '1');
if (process.argv[2] === 'channels') channels(port).onOpen((_name, opened) => startService(opened));
else startService(port);

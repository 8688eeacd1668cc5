import '../../guard/no-network.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { openForReading } from '../db/reading.ts';

// Reads a whole database, which takes seconds where it is large; nothing else waits for it.
const { database } = z.object({ database: z.string() }).parse(workerData);
const db = openForReading(database);
try {
  parentPort?.postMessage(String(db.pragma('quick_check(1)', { simple: true })));
} finally {
  db.close();
}

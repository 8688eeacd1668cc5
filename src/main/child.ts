// What a utility process of the window runs: the guard first, then the entry it is told.
import '../guard/no-network.ts';

await import(String(process.argv[2]));

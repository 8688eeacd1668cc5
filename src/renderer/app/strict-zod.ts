import { z } from 'zod';

// Imported first: zod would otherwise try to compile functions, which the page's policy forbids.
z.config({ jitless: true });

import { z } from 'zod';

/** Who asks core, as the host that opened the connection says it; nothing a client sends can change it. */
export const seatSchema = z.object({
  /** Bound when the shell was linked for a rater: no other may be claimed. */
  rater: z.string().nullable(),
  /** May know and give folders freely, as the person at this computer does. */
  paths: z.boolean(),
  /** Folders a shell without free paths may look into, import from and write below; null: any. */
  roots: z.array(z.string()).nullable(),
});
export type Seat = z.infer<typeof seatSchema>;

/** The terminal, the window, and the host itself. */
export const ownSeat: Seat = { rater: null, paths: true, roots: null };

/** The name of a connection's channel to core. It says the seat too, so that a core that was restarted knows it. */
export const clientChannelSchema = z.object({ client: z.int(), seat: seatSchema });
export type ClientChannel = z.infer<typeof clientChannelSchema>;

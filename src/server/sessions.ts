import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Seat } from '../contract/seat.ts';

const linkMilliseconds = 60_000;

const random = (): string => randomBytes(32).toString('base64url');

/** Compared in a time that tells nothing. */
export function same(given: string, wanted: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(wanted);
  return one.length === other.length && timingSafeEqual(one, other);
}

/** One page that may ask. The cookie belongs to its browser, the secret to it alone. */
export interface Session {
  readonly cookie: string;
  readonly secret: string;
  readonly seat: Seat;
  lastSeen: number;
}

export interface Sessions {
  readonly cookieName: string;
  /** A token that opens a session once, within a minute. */
  link(seat: Seat): string;
  /** The session for a token, with the cookie the browser has of us already; undefined for a wrong, used or late token. */
  exchange(token: string, cookies: string | undefined): Session | undefined;
  /** The session a page's secret belongs to, where its browser's cookie is the right one too. */
  find(secret: string, cookies: string | undefined): Session | undefined;
  /** Whether the cookie is that of any session. */
  hasCookie(cookies: string | undefined): boolean;
  isAlive(session: Session): boolean;
  /** The page did something. */
  touch(session: Session): void;
}

/** Who may ask this server, in memory: all of it ends with the server. */
export function openSessions(idleMilliseconds: number, now: () => number = Date.now): Sessions {
  // Cookies of one computer are shared by all its ports: nobody may guess or await ours.
  const cookieName = `acclimate-${randomBytes(9).toString('base64url')}`;
  const links = new Map<string, { readonly seat: Seat; readonly until: number }>();
  let sessions: Session[] = [];

  const isAlive = (session: Session): boolean => now() - session.lastSeen < idleMilliseconds;
  const alive = (): Session[] => (sessions = sessions.filter(isAlive));
  const cookieOf = (cookies: string | undefined): string | undefined =>
    (cookies ?? '')
      .split(';')
      .map((cookie) => cookie.trim().split('='))
      .find(([name]) => name === cookieName)?.[1];
  const ofBrowser = (cookies: string | undefined): Session[] => {
    const cookie = cookieOf(cookies);
    return cookie === undefined ? [] : alive().filter((session) => same(cookie, session.cookie));
  };

  return {
    cookieName,
    isAlive,
    touch: (session) => (session.lastSeen = now()),
    link(seat) {
      const token = random();
      links.set(token, { seat, until: now() + linkMilliseconds });
      return token;
    },
    exchange(given, cookies) {
      const token = [...links.keys()].find((wanted) => same(given, wanted));
      const link = token === undefined ? undefined : links.get(token);
      if (token === undefined || link === undefined) return undefined;
      links.delete(token);
      if (now() > link.until) return undefined;
      // A browser that has a page open already keeps its cookie, or the other page would be shut out.
      const cookie = ofBrowser(cookies)[0]?.cookie ?? random();
      const session: Session = { cookie, secret: random(), seat: link.seat, lastSeen: now() };
      sessions.push(session);
      return session;
    },
    find: (secret, cookies) => ofBrowser(cookies).find((session) => same(secret, session.secret)),
    hasCookie: (cookies) => ofBrowser(cookies).length > 0,
  };
}

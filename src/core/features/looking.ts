import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ManifestImage } from '../../contract/run-files.ts';
import type { CoreContext } from '../context.ts';
import type { Project } from '../db/open.ts';
import { manifestImage, type ImageFile } from '../library/manifest-image.ts';
import { readImportSetting } from '../library/paths.ts';
import { boardOf, onChanged, setLooking } from '../projects/board.ts';
import { featureBackbone, featureFile, featuresOf, featureSize, featureWidth } from './store.ts';
import { readUserSettings } from '../settings/user.ts';

/** Images of one call of the engine: a run that begins waits for no more. */
const chunk = 256;
/** Suggestions from this many images, taken at random, are as good as from all, and made in seconds. */
export const mostLooked = 50_000;
/** A project that is opened is shown first. */
const settleMs = 2000;

/** Looks at the images of open projects while nothing else is done with them, so that suggestions can be made. */
export class Looking {
  readonly #context: CoreContext;
  readonly #working = new Set<string>();
  readonly #failed = new WeakMap<Project, Set<number>>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** Begins, or goes on where it stopped; does nothing where there is nothing to look at. */
  start(project: Project): void {
    if (project.readOnly || this.#working.has(project.id)) return;
    this.#working.add(project.id);
    // Whoever labels meanwhile is told that suggestions are to come.
    if (!existsSync(featureFile(project))) setLooking(project.id, 0);
    const timer = setTimeout(() => void this.#run(project), settleMs);
    timer.unref();
  }

  async #run(project: Project): Promise<void> {
    try {
      for (let images = this.#missing(project); images.length > 0; images = this.#missing(project)) {
        const all = images.length + featuresOf(project).ids.length;
        for (let at = 0; at < images.length; at += chunk) {
          setLooking(project.id, 1 - (images.length - at) / all);
          await this.#whenIdle(project);
          if (!project.db.open) return;
          await this.#look(project, images.slice(at, at + chunk));
        }
      }
    } catch {
      // Suggestions are a help: without them check images are brought, and it is tried again at the next opening.
    } finally {
      this.#working.delete(project.id);
      if (project.db.open) setLooking(project.id, null);
    }
  }

  async #look(project: Project, images: readonly ManifestImage[]): Promise<void> {
    const out = featureFile(project);
    mkdirSync(dirname(out), { recursive: true, mode: 0o700 });
    const { failed } = await this.#context.engine.call('job.features', {
      cacheFolder: project.paths.cache,
      device: readUserSettings().device,
      backbone: featureBackbone,
      size: featureSize,
      width: featureWidth,
      images: [...images],
      out,
    });
    const lost = this.#failed.get(project) ?? new Set();
    for (const { image } of failed) lost.add(image);
    this.#failed.set(project, lost);
  }

  /** A run, an import or a naming goes first. */
  #whenIdle({ id, db }: Project): Promise<void> {
    const isIdle = (): boolean => {
      const { run, scanning } = boardOf(id);
      if (run !== null || scanning !== null || !db.open) return !db.open;
      return db.prepare(`SELECT 1 FROM batch WHERE state = 'naming' LIMIT 1`).get() === undefined;
    };
    if (isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = onChanged((project) => {
        if (project !== id || !isIdle()) return;
        stop();
        resolve();
      });
    });
  }

  #missing(project: Project): ManifestImage[] {
    const { db } = project;
    if (!db.open) return [];
    const setting = readImportSetting(db);
    if (!setting) return [];
    const known = new Set(featuresOf(project).ids);
    const lost = this.#failed.get(project);
    return db
      .prepare<[], ImageFile>(
        `SELECT id, file, hash, page FROM image WHERE role = 'main' AND state = 'ok' AND side IS NOT NULL ORDER BY hash, id LIMIT ${mostLooked}`,
      )
      .all()
      .filter(({ id }) => !known.has(id) && !lost?.has(id))
      .map((row) => manifestImage(setting.folder, row));
  }
}

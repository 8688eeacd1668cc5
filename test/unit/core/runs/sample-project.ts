import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBatch } from '../../../../src/core/labels/log.ts';
import { useProject } from '../../../../src/core/db/projects.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { writeSetting } from '../../../../src/core/library/paths.ts';
import { assignSides } from '../../../../src/core/splits/assign.ts';

export interface SampleOptions {
  /** Images, dealt to the classes in turn. */
  readonly images: number;
  readonly classes?: readonly string[];
  /** 0: none. */
  readonly groups?: number;
}

/** A project whose images are known to the database only: enough for all of core but decoding. */
export async function sampleProject({ images, classes = ['Alpha', 'Beta'], groups = 0 }: SampleOptions): Promise<{
  project: Project;
  folder: string;
  remove(): void;
}> {
  const root = mkdtempSync(join(tmpdir(), 'acclimate-runs-'));
  const folder = join(root, 'project');
  const project = await useProject(folder, { create: true });
  const { db } = project;
  writeSetting(db, 'import', {
    folder: join(root, 'images'),
    unlabelled: [],
    labels: null,
    columns: {},
    groups: null,
    reportBy: [],
    layout: 'flat',
    seed: 1,
  });
  const addClass = db.prepare(
    `INSERT INTO class (key, name, position, counts_as) VALUES (@name, @name, @position, @id)`,
  );
  classes.forEach((name, position) => addClass.run({ name, position, id: position + 1 }));
  const addGroup = db.prepare(`INSERT INTO image_group (name) VALUES (?)`);
  for (let group = 0; group < groups; group++) addGroup.run(`P${group}`);
  const add = db.prepare(
    `INSERT INTO image (role, file, state, bytes, modified, hash, type, width, height, pages, group_id)
     VALUES ('main', ?, 'ok', 1, 0, ?, 'png', 8, 8, 1, ?)`,
  );
  for (let i = 0; i < images; i++) {
    add.run(`image-${i}.png`, i.toString(16).padStart(64, '0'), groups === 0 ? null : 1 + (i % groups));
  }
  assignSides(db, 1);
  writeBatch(db, {
    rater: 'imported',
    kind: 'import',
    changes: Array.from({ length: images }, (_, i) => ({
      image: i + 1,
      kind: 'class' as const,
      class: classes[Math.floor(i / Math.max(1, groups)) % classes.length]!,
    })),
  });
  return {
    project,
    folder,
    remove: () => {
      project.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** One numbered step of the database. Steps are never changed once released; a new one is added at the end. */
export interface Migration {
  readonly step: number;
  readonly sql: string;
}

/** Marks the file as ours (PRAGMA application_id): the letters ACLM. */
export const applicationId = 0x41434c4d;

export const migrations: readonly Migration[] = [
  {
    step: 1,
    sql: `
      CREATE TABLE setting (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT;

      -- Groups that must not be on both sides of a split (patient, slide, plate).
      CREATE TABLE image_group (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        side TEXT CHECK (side IN ('training', 'check'))
      ) STRICT;

      CREATE TABLE image (
        id INTEGER PRIMARY KEY,
        -- main: may be labelled and scored. adapt-only: the adaptation may learn from it and nothing else.
        role TEXT NOT NULL CHECK (role IN ('main', 'adapt-only')),
        -- Path below the folder of its role, with forward slashes.
        file TEXT NOT NULL,
        page INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL CHECK (state IN ('ok', 'unreadable', 'gone')),
        bytes INTEGER NOT NULL,
        -- Modification time in milliseconds, as the file system tells it.
        modified REAL NOT NULL,
        hash TEXT,
        type TEXT,
        width INTEGER,
        height INTEGER,
        bits INTEGER,
        pages INTEGER,
        thumbprint BLOB,
        red REAL,
        green REAL,
        blue REAL,
        range_low REAL,
        range_high REAL,
        failure_code TEXT,
        failure_reason TEXT,
        group_id INTEGER REFERENCES image_group (id),
        -- Smallest id among its exact and near duplicates.
        family INTEGER,
        -- excluded: looks the same as a check image of another group, so neither side may use it.
        side TEXT CHECK (side IN ('training', 'check', 'excluded')),
        -- When the content was seen to differ from what was labelled.
        changed_at TEXT,
        UNIQUE (role, file, page)
      ) STRICT;
      CREATE INDEX image_hash ON image (hash);
      CREATE INDEX image_group_member ON image (group_id);
      CREATE INDEX image_family ON image (family);

      -- Groups that results are only reported by (scanner, stain, site).
      CREATE TABLE report_group (
        image INTEGER NOT NULL REFERENCES image (id),
        column_name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (image, column_name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE class (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        position INTEGER NOT NULL
      ) STRICT;

      -- One act of a rater: what undo takes back as a whole.
      CREATE TABLE label_batch (
        id INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        rater TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('set', 'import', 'undo', 'redo')),
        target INTEGER REFERENCES label_batch (id)
      ) STRICT;
      CREATE INDEX label_batch_rater ON label_batch (rater, id);

      -- Append-only. Never updated, never deleted.
      CREATE TABLE label_event (
        seq INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        rater TEXT NOT NULL,
        image INTEGER NOT NULL REFERENCES image (id),
        kind TEXT NOT NULL CHECK (kind IN ('class', 'none', 'unsure', 'skip', 'clear', 'note')),
        class TEXT,
        text TEXT,
        batch INTEGER NOT NULL REFERENCES label_batch (id)
      ) STRICT;
      CREATE INDEX label_event_batch ON label_event (batch);
      CREATE INDEX label_event_image ON label_event (image, rater);
      CREATE TRIGGER label_event_kept BEFORE DELETE ON label_event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
      CREATE TRIGGER label_event_fixed BEFORE UPDATE ON label_event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;

      -- The current view of the log: one value and one note per image and rater.
      CREATE TABLE label (
        image INTEGER NOT NULL REFERENCES image (id),
        rater TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('class', 'none', 'unsure', 'skip')),
        class TEXT,
        seq INTEGER NOT NULL,
        PRIMARY KEY (image, rater)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE note (
        image INTEGER NOT NULL REFERENCES image (id),
        rater TEXT NOT NULL,
        text TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (image, rater)
      ) STRICT, WITHOUT ROWID;

      -- The label that counts: a joint decision, else the single or agreeing one.
      CREATE VIEW counting_label AS
        SELECT image, class FROM label WHERE rater = 'joint' AND kind = 'class'
        UNION ALL
        SELECT image, min(class) FROM label
          WHERE kind IN ('class', 'none')
            AND image NOT IN (SELECT image FROM label WHERE rater = 'joint' AND kind IN ('class', 'none'))
          GROUP BY image
          HAVING min(kind) = 'class' AND max(kind) = 'class' AND min(class) = max(class);

      CREATE TABLE run (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('one-click', 'adapt', 'finetune', 'embed')),
        state TEXT NOT NULL,
        created_at TEXT NOT NULL,
        finished_at TEXT,
        summary TEXT NOT NULL DEFAULT '',
        fraction REAL NOT NULL DEFAULT 0,
        error TEXT,
        -- The options it was started with, as JSON.
        options TEXT NOT NULL DEFAULT '{}',
        -- Version of the split its manifest was made from.
        split INTEGER NOT NULL DEFAULT 1,
        -- Working time so far, without pauses.
        seconds REAL NOT NULL DEFAULT 0
      ) STRICT;

      -- Hash chain over what was done. Append-only.
      CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER audit_kept BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
      CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    `,
  },
];

export const knownVersion = migrations.at(-1)?.step ?? 0;

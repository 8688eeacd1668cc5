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
  {
    step: 2,
    sql: `
      -- A class is known to the label log by its key, for ever; its name, place, and whether it counts can change.
      CREATE TABLE class_new (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        -- The class its labels count for: itself, or the one it was merged into.
        counts_as INTEGER NOT NULL,
        removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))
      ) STRICT;
      INSERT INTO class_new (id, key, name, position, counts_as) SELECT id, name, name, position, id FROM class;
      DROP VIEW counting_label;
      DROP TABLE class;
      ALTER TABLE class_new RENAME TO class;

      -- What raters did to classes. The table of classes is a fold over these. Append-only.
      CREATE TABLE class_event (
        seq INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        rater TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('add', 'rename', 'merge', 'reorder', 'remove', 'restore')),
        class INTEGER NOT NULL,
        -- JSON of what the kind needs to be done and to be taken back.
        detail TEXT NOT NULL,
        batch INTEGER NOT NULL REFERENCES label_batch (id)
      ) STRICT;
      CREATE INDEX class_event_batch ON class_event (batch);
      CREATE TRIGGER class_event_kept BEFORE DELETE ON class_event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
      CREATE TRIGGER class_event_fixed BEFORE UPDATE ON class_event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;

      -- "Confirmed as seen" joins the log, so that it is undone like a label.
      CREATE TABLE label_event_new (
        seq INTEGER PRIMARY KEY,
        time TEXT NOT NULL,
        rater TEXT NOT NULL,
        image INTEGER NOT NULL REFERENCES image (id),
        kind TEXT NOT NULL CHECK (kind IN ('class', 'none', 'unsure', 'skip', 'clear', 'note', 'confirm', 'unconfirm')),
        class TEXT,
        text TEXT,
        batch INTEGER NOT NULL REFERENCES label_batch (id)
      ) STRICT;
      INSERT INTO label_event_new SELECT seq, time, rater, image, kind, class, text, batch FROM label_event;
      DROP TABLE label_event;
      ALTER TABLE label_event_new RENAME TO label_event;
      CREATE INDEX label_event_batch ON label_event (batch);
      CREATE INDEX label_event_image ON label_event (image, rater);
      CREATE TRIGGER label_event_kept BEFORE DELETE ON label_event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
      CREATE TRIGGER label_event_fixed BEFORE UPDATE ON label_event
        BEGIN SELECT RAISE(ABORT, 'the label log is append-only'); END;
      CREATE TABLE confirmed (
        image INTEGER NOT NULL REFERENCES image (id),
        rater TEXT NOT NULL,
        class TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (image, rater)
      ) STRICT, WITHOUT ROWID;

      -- Images of another folder that a model was applied to are images of a batch: never learned from, never a check.
      CREATE TABLE image_new (
        id INTEGER PRIMARY KEY,
        role TEXT NOT NULL CHECK (role IN ('main', 'adapt-only', 'batch')),
        file TEXT NOT NULL,
        page INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL CHECK (state IN ('ok', 'unreadable', 'gone')),
        bytes INTEGER NOT NULL,
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
        family INTEGER,
        side TEXT CHECK (side IN ('training', 'check', 'excluded')),
        changed_at TEXT,
        -- For role batch: which. For adapt-only: the number of its folder. 0 for main.
        batch INTEGER NOT NULL DEFAULT 0,
        UNIQUE (role, batch, file, page)
      ) STRICT;
      INSERT INTO image_new SELECT *, 0 FROM image;
      DROP TABLE image;
      ALTER TABLE image_new RENAME TO image;
      CREATE INDEX image_hash ON image (hash);
      CREATE INDEX image_group_member ON image (group_id);
      CREATE INDEX image_family ON image (family);
      CREATE INDEX image_batch ON image (batch) WHERE batch > 0;
      -- A million rows are filtered and sorted from these alone, without their pictures' data.
      CREATE INDEX image_catalogue ON image (role, batch, state, group_id, side, changed_at);
      CREATE INDEX image_modified ON image (role, batch, modified);
      CREATE INDEX label_said ON label (rater, kind, class);
      CREATE INDEX report_group_value ON report_group (column_name, value);

      -- Labels as their classes are now: a label of a class that was removed counts as none.
      CREATE VIEW label_now AS
        SELECT label.image, label.rater, label.kind, now.id AS class_id, now.name AS class, label.seq
        FROM label
        LEFT JOIN class AS own ON own.key = label.class
        LEFT JOIN class AS now ON now.id = own.counts_as AND now.removed = 0
        WHERE label.kind <> 'class' OR now.id IS NOT NULL;

      -- The label that counts: a joint decision, else the single or agreeing one.
      CREATE VIEW counting_label AS
        SELECT image, class, class_id FROM label_now WHERE rater = 'joint' AND kind = 'class'
        UNION ALL
        SELECT image, min(class), min(class_id) FROM label_now
          WHERE kind IN ('class', 'none')
            AND image NOT IN (SELECT image FROM label_now WHERE rater = 'joint' AND kind IN ('class', 'none'))
          GROUP BY image
          HAVING min(kind) = 'class' AND max(kind) = 'class' AND min(class_id) = max(class_id);

      -- Check images that were drawn to be labelled, and how likely that was; scores weigh by the inverse.
      CREATE TABLE check_draw (
        image INTEGER PRIMARY KEY REFERENCES image (id),
        time TEXT NOT NULL,
        probability REAL NOT NULL
      ) STRICT;

      -- A rater who must not see what others said, until it ends.
      CREATE TABLE blind_session (
        id INTEGER PRIMARY KEY,
        rater TEXT NOT NULL,
        other TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT
      ) STRICT;
      CREATE TABLE blind_image (
        session INTEGER NOT NULL REFERENCES blind_session (id),
        position INTEGER NOT NULL,
        image INTEGER NOT NULL REFERENCES image (id),
        PRIMARY KEY (session, position)
      ) STRICT, WITHOUT ROWID;

      -- Where each rater was: last place, position in queues, saved filters.
      CREATE TABLE place (
        rater TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (rater, key)
      ) STRICT, WITHOUT ROWID;

      -- A model applied to the images of the project, or of another folder.
      CREATE TABLE batch (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL REFERENCES run (id),
        arm TEXT NOT NULL CHECK (arm IN ('plain', 'adapted')),
        folder TEXT,
        state TEXT NOT NULL CHECK (state IN ('naming', 'done', 'failed', 'cancelled')),
        created_at TEXT NOT NULL,
        error TEXT,
        -- Names of the model's classes, JSON.
        classes TEXT NOT NULL,
        threshold REAL NOT NULL DEFAULT 0.8,
        -- Thresholds of single classes, JSON object by name.
        thresholds TEXT NOT NULL DEFAULT '{}',
        closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1))
      ) STRICT;
      CREATE TABLE prediction (
        batch INTEGER NOT NULL REFERENCES batch (id),
        image INTEGER NOT NULL REFERENCES image (id),
        -- Indexes into the batch's classes, and their probabilities.
        class INTEGER NOT NULL,
        probability REAL NOT NULL,
        second INTEGER NOT NULL,
        p_second REAL NOT NULL,
        PRIMARY KEY (batch, image)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX prediction_order ON prediction (batch, class, probability);

      ALTER TABLE run ADD COLUMN chosen TEXT CHECK (chosen IN ('plain', 'adapted'));
      ALTER TABLE run ADD COLUMN seen_at TEXT;
      -- Stable code of what \`error\` says.
      ALTER TABLE run ADD COLUMN error_code TEXT;
      -- Labels it was made with, to tell what changed since.
      ALTER TABLE run ADD COLUMN labels INTEGER;
      -- Number of the last label event it was made with.
      ALTER TABLE run ADD COLUMN label_seq INTEGER;
      ALTER TABLE run ADD COLUMN shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped IN (0, 1));
    `,
  },
  {
    step: 3,
    sql: `
      -- How far check images were drawn down their random orders, as a share of the images: for each batch that told
      -- predicted classes, of each class; for batch 0 and class 0, of all of them.
      CREATE TABLE check_reach (
        batch INTEGER NOT NULL,
        class INTEGER NOT NULL,
        share REAL NOT NULL,
        PRIMARY KEY (batch, class)
      ) STRICT, WITHOUT ROWID;

      -- Until now all were drawn evenly, so each was as likely to be drawn as any other. What was written was the
      -- chance within one draw of many.
      UPDATE check_draw SET probability = min(1.0, (SELECT count(*) FROM check_draw) * 1.0 / max(1,
        (SELECT count(*) FROM image WHERE role = 'main' AND state = 'ok' AND side = 'check')));
    `,
  },
  {
    step: 4,
    sql: `
      -- What tells images unlike the training images of the batch's model, JSON; NULL where that was not told.
      ALTER TABLE batch ADD COLUMN unlike TEXT;
      -- To the nearest training image, as a multiple of the distance beyond which an image is unlike them.
      ALTER TABLE prediction ADD COLUMN distance REAL;
      CREATE INDEX prediction_unlike ON prediction (batch, distance) WHERE distance > 1;
    `,
  },
];

export const knownVersion = migrations.at(-1)?.step ?? 0;

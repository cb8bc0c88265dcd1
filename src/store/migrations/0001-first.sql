-- Times are milliseconds since 1970 UTC. Ids are UUIDv7 text. JSON columns say so.

CREATE TABLE lease (                       -- exactly one engine acts; a late one is fenced by its epoch
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  epoch    INTEGER NOT NULL,
  holder   TEXT    NOT NULL,               -- uuid of the engine process
  pid      INTEGER NOT NULL,
  host     TEXT    NOT NULL,
  version  TEXT    NOT NULL,
  started  INTEGER NOT NULL,
  expires  INTEGER NOT NULL,               -- 0 once released
  stopping INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE setting (                     -- queue paused, last arrangement of panes, and the like
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL                      -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (                        -- content-addressed JSON: requests and graphs, shared by equal jobs
  hash TEXT PRIMARY KEY,                   -- blake3, hex
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE project (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  created  INTEGER NOT NULL,
  settings TEXT NOT NULL DEFAULT '{}'      -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE shot (
  id       TEXT PRIMARY KEY,
  project  TEXT NOT NULL REFERENCES project (id),
  sequence TEXT NOT NULL DEFAULT '',
  code     TEXT NOT NULL,                  -- such as SQ010_SH0020
  title    TEXT NOT NULL DEFAULT '',
  status   TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'wip', 'review', 'approved', 'retake', 'final')),
  position INTEGER NOT NULL,
  idea     TEXT NOT NULL DEFAULT '',
  target   TEXT,
  config   TEXT NOT NULL DEFAULT '{}',     -- JSON: cinema configuration
  revision TEXT,                           -- current prompt revision
  rating   INTEGER,                        -- 0 to 5
  due      INTEGER,
  created  INTEGER NOT NULL,
  updated  INTEGER NOT NULL,
  UNIQUE (project, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (                    -- every prompt there ever was
  seq      INTEGER PRIMARY KEY,            -- also the row id of the search indexes
  id       TEXT NOT NULL UNIQUE,
  parent   TEXT REFERENCES revision (id),
  author   TEXT NOT NULL,                  -- lexicon, person:NAME, PROVIDER:MODEL, rule:ID
  why      TEXT,
  created  INTEGER NOT NULL,
  idea     TEXT NOT NULL DEFAULT '',
  language TEXT,
  category TEXT,
  mood     TEXT,
  target   TEXT,
  prompt   TEXT NOT NULL,
  negative TEXT NOT NULL DEFAULT '',
  diff     TEXT,                           -- JSON: the diff record against the parent
  project  TEXT,
  shot     TEXT,
  rating   INTEGER
) STRICT;
CREATE INDEX revision_shot ON revision (shot, seq DESC) WHERE shot IS NOT NULL;
CREATE INDEX revision_parent ON revision (parent) WHERE parent IS NOT NULL;
-- Words, and beside them the syllable bigrams of Hangul runs: FTS5's trigram tokenizer finds no Hangul word of two
-- syllables. One index, so that a query in both scripts is one streamed intersection (see store/search.rs).
CREATE VIRTUAL TABLE revision_words USING fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE draft (                       -- text being typed, saved within two seconds
  place TEXT PRIMARY KEY,                  -- such as shot:ID or scratch
  text  TEXT NOT NULL,
  caret INTEGER NOT NULL,                  -- Unicode scalar offset
  base  TEXT,                              -- revision it grew from
  saved INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE worker (
  name     TEXT PRIMARY KEY,
  url      TEXT NOT NULL UNIQUE,
  origin   TEXT NOT NULL CHECK (origin IN ('added', 'config', 'once', 'loopback')),
  headers  TEXT NOT NULL DEFAULT '{}',     -- JSON: header name -> "@FILE" holding the value; never the value
  state    TEXT NOT NULL DEFAULT 'gone' CHECK (state IN ('ready', 'busy', 'quiet', 'gone', 'draining')),
  since    INTEGER NOT NULL,
  why      TEXT,
  draining INTEGER NOT NULL DEFAULT 0,     -- asked for by a person, kept over restarts
  version  TEXT,
  system   TEXT,                           -- JSON: /system_stats as last seen, scrubbed
  running  INTEGER NOT NULL DEFAULT 0,     -- its queue as last seen, everybody's jobs
  waiting  INTEGER NOT NULL DEFAULT 0,
  "foreign" INTEGER NOT NULL DEFAULT 0,    -- of those, not ours
  seen     INTEGER,
  added    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE worker_block (                -- a worker that keeps failing a workflow is not given it again
  worker   TEXT NOT NULL REFERENCES worker (name) ON DELETE CASCADE,
  workflow TEXT NOT NULL,
  failures INTEGER NOT NULL,
  blocked  INTEGER NOT NULL DEFAULT 0,
  why      TEXT,
  at       INTEGER NOT NULL,
  PRIMARY KEY (worker, workflow)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (                      -- inputs a worker already holds, by content
  worker    TEXT NOT NULL REFERENCES worker (name) ON DELETE CASCADE,
  hash      TEXT NOT NULL,
  name      TEXT NOT NULL,                 -- as the server answered
  subfolder TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (worker, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  phase      TEXT NOT NULL CHECK (phase IN ('queued', 'blocked', 'held', 'claimed', 'sending', 'waiting', 'running',
               'collecting', 'done', 'failed', 'lost', 'cancelling', 'cancelled')),
  since      INTEGER NOT NULL,
  why        TEXT,
  epoch      INTEGER NOT NULL DEFAULT 0,   -- epoch of the engine that last moved it
  priority   INTEGER NOT NULL DEFAULT 0,   -- higher first
  place      INTEGER NOT NULL,             -- lower first within a priority
  batch      TEXT,
  project    TEXT,                         -- project name
  shot       TEXT,                         -- shot code
  revision   TEXT,                         -- prompt revision it was made from
  workflow   TEXT NOT NULL,
  target     TEXT,
  request    TEXT NOT NULL REFERENCES blob (hash),
  pinned     TEXT,                         -- the only worker it may run on
  worker     TEXT,                         -- the worker it is on, or was on last
  prompt_id  TEXT,                         -- the attempt in flight
  attempt    INTEGER NOT NULL DEFAULT 0,   -- attempts begun
  rung       INTEGER NOT NULL DEFAULT 0,   -- rung of the fallback ladder the next attempt takes
  not_before INTEGER NOT NULL DEFAULT 0,   -- back-off
  cost_usd   REAL,
  created    INTEGER NOT NULL,
  started    INTEGER,
  ended      INTEGER
) STRICT;
CREATE INDEX job_queue ON job (priority DESC, place) WHERE phase = 'queued';
CREATE INDEX job_phase ON job (phase, seq DESC);
CREATE INDEX job_shot ON job (project, shot, seq DESC) WHERE shot IS NOT NULL;
CREATE INDEX job_revision ON job (revision) WHERE revision IS NOT NULL;
CREATE INDEX job_batch ON job (batch, seq) WHERE batch IS NOT NULL;

CREATE TABLE job_after (
  job   TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  needs TEXT NOT NULL REFERENCES job (id),
  PRIMARY KEY (job, needs)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_after_needs ON job_after (needs);

CREATE TABLE attempt (
  job       TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  n         INTEGER NOT NULL,              -- from 1
  rung      INTEGER NOT NULL,
  worker    TEXT    NOT NULL,
  prompt_id TEXT    NOT NULL UNIQUE,
  graph     TEXT    REFERENCES blob (hash), -- exactly as sent
  facts     TEXT    NOT NULL DEFAULT '{}', -- JSON: width, height, frames, steps, cfg, seed, prompt
  outcome   TEXT CHECK (outcome IN ('done', 'failed', 'lost', 'cancelled')),
  class     TEXT CHECK (class IN ('oom', 'timeout', 'invalid', 'node-error', 'lost-worker', 'refused')),
  reason    TEXT,
  started   INTEGER NOT NULL,
  ended     INTEGER,
  PRIMARY KEY (job, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
  id         INTEGER PRIMARY KEY,
  job        TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  attempt    INTEGER NOT NULL,
  node       TEXT,
  path       TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('video', 'image', 'audio', 'text', 'other')),
  media_type TEXT NOT NULL,
  width      INTEGER,
  height     INTEGER,
  frames     INTEGER,
  fps        REAL,
  duration_s REAL,
  bytes      INTEGER NOT NULL,
  blake3     TEXT NOT NULL,
  created    INTEGER NOT NULL
) STRICT;
CREATE INDEX artifact_job ON artifact (job);

CREATE TABLE event (                       -- the audit trail: every phase change, and what was seen on the way
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  job    TEXT,
  kind   TEXT NOT NULL,                    -- a phase word for a phase change, else such as worker-gone
  worker TEXT,
  detail TEXT NOT NULL DEFAULT '{}'        -- JSON
) STRICT;
CREATE INDEX event_job ON event (job, seq) WHERE job IS NOT NULL;

CREATE TABLE intent (                      -- what people asked for; the engine applies each exactly once
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  who     TEXT NOT NULL,                   -- such as cli:USER or console:USER
  what    TEXT NOT NULL,                   -- JSON
  applied INTEGER,
  outcome TEXT                             -- JSON: {"ok":…} or {"refused":…}
) STRICT;
CREATE INDEX intent_open ON intent (seq) WHERE applied IS NULL;

CREATE TABLE progress (                    -- volatile: written in batches without waiting for the disk
  job     TEXT PRIMARY KEY,
  node    TEXT,
  class   TEXT,
  value   REAL NOT NULL,
  max     REAL NOT NULL,
  overall REAL NOT NULL,                   -- 0 to 1
  eta_s   REAL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE gpu (                         -- volatile: last reading of each card
  worker TEXT NOT NULL,
  slot   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  body   TEXT NOT NULL,                    -- JSON: the shape of `rushes gpu`
  PRIMARY KEY (worker, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE timing (                      -- what renders cost, for estimates
  job      TEXT PRIMARY KEY,
  workflow TEXT NOT NULL,
  worker   TEXT NOT NULL,
  width    INTEGER,
  height   INTEGER,
  frames   INTEGER,
  steps    INTEGER,
  queue_s  REAL NOT NULL,
  run_s    REAL NOT NULL,
  save_s   REAL NOT NULL,
  vram     INTEGER,
  at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX timing_workflow ON timing (workflow, at DESC);

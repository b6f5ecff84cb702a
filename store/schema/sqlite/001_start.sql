-- tocsin's tables, SQLite form.  Every change of shape is a new numbered file.
--
-- Words: core/words.h gives the numbers their names.  *_seq columns hold event numbers
-- (the one number line), *_at columns seconds since 1970.  An open period ends at
-- 9223372036854775807.  Ids come from 'counter', never from max(id) + 1, and are never
-- used twice.

-- ---------------------------------------------------------------- numbers, identity

-- The next free number of each line; 'event' numbers events and audit rows alike.
CREATE TABLE counter(
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT;

-- Facts about this store: 'opaque_key' (hex) turns ids into opaque texts.
CREATE TABLE meta(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- Whose packages, and in which version order.
CREATE TABLE ecosystem(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  scheme TEXT NOT NULL,
  carried INTEGER NOT NULL DEFAULT 0, -- 1: there are components of it
  key_format INTEGER NOT NULL -- which encoding its keys were made with; -1 = being re-keyed
) STRICT;

-- When a release ends, and which of the steps on the way are told (store/release.c).
CREATE TABLE release_end(
  ecosystem_id INTEGER PRIMARY KEY,
  ends_at INTEGER NOT NULL,         -- start of its last day
  record_id INTEGER,                -- who says so; NULL = the table of ecosystems
  told INTEGER NOT NULL,            -- steps; 3 = it has ended
  next_at INTEGER                   -- when the next step begins; NULL = never
) STRICT;
CREATE INDEX release_next ON release_end(next_at) WHERE next_at IS NOT NULL;
CREATE INDEX release_record ON release_end(record_id) WHERE record_id IS NOT NULL;

CREATE TABLE package(
  id INTEGER PRIMARY KEY,
  ecosystem_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE(ecosystem_id, name)
) STRICT;

-- ------------------------------------------------- what is installed, fleet-wide

-- A source package in one version.
CREATE TABLE origin(
  id INTEGER PRIMARY KEY,
  package_id INTEGER NOT NULL,
  version TEXT NOT NULL,
  version_key BLOB NOT NULL,
  exact INTEGER NOT NULL,     -- 1: memcmp of keys is the whole truth
  parsable INTEGER NOT NULL   -- 0: compares by equality only
) STRICT;
CREATE UNIQUE INDEX origin_pkv ON origin(package_id, version_key, version);

-- Everything else that decides a verdict and is not a version; a few hundred rows.
CREATE TABLE trait(
  id INTEGER PRIMARY KEY,
  arch TEXT NOT NULL,
  module TEXT NOT NULL,
  vendor INTEGER NOT NULL,    -- enum vendor
  streams TEXT NOT NULL,      -- enabled streams, sorted, comma separated
  flags INTEGER NOT NULL,     -- COMPONENT_... of core/component.h
  UNIQUE(arch, module, vendor, streams, flags)
) STRICT;

-- One installed package version, shared by every image that has it.
CREATE TABLE component(
  id INTEGER PRIMARY KEY,
  package_id INTEGER NOT NULL,
  version TEXT NOT NULL,
  version_key BLOB NOT NULL,
  exact INTEGER NOT NULL,
  parsable INTEGER NOT NULL,
  origin_id INTEGER NOT NULL DEFAULT 0, -- 0: no source package
  trait_id INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX component_pkv
  ON component(package_id, version_key, version, origin_id, trait_id);
CREATE INDEX component_origin ON component(origin_id) WHERE origin_id <> 0;

-- --------------------------------------------------------------- who says what

CREATE TABLE source(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  rank INTEGER NOT NULL       -- 0 own distribution, 1 OSV and the like, 2 NVD by CPE
) STRICT;

-- One configured download, and what is remembered of it between runs.
CREATE TABLE feed(
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  driver TEXT NOT NULL,
  driver_revision INTEGER NOT NULL, -- of the last applied run; 0 = none yet
  url TEXT NOT NULL,
  interval_ms INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  enriches INTEGER NOT NULL,        -- 1: adds facts, names no packages
  ecosystems TEXT NOT NULL,         -- globs it speaks of, comma separated
  remark TEXT,
  etag TEXT,
  last_modified TEXT,
  body_sha256 TEXT,
  cursor TEXT,                      -- driver's own
  next_at INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0, -- in a row
  last_success_at INTEGER,          -- last run that reached the feed, changed or not
  last_error TEXT,
  n_records INTEGER NOT NULL DEFAULT 0, -- that stand
  newest_record_at INTEGER,         -- latest date its records give
  stale_after_s INTEGER NOT NULL DEFAULT 0, -- configured; 0 = from its own rhythm
  news_at INTEGER,                  -- its newest record's date; of feeds without dates,
                                    -- when a run last changed something
  rhythm_s INTEGER NOT NULL DEFAULT 0, -- longest usual time between two pieces of news
  n_news INTEGER NOT NULL DEFAULT 0,   -- pieces of news the rhythm was learned from
  stale_since INTEGER,              -- when it was told as stale; NULL = it is not
  imported INTEGER NOT NULL DEFAULT 0, -- 1: comes in bundles, nobody fetches it
  lease_holder TEXT,                -- who reads it now
  lease_until INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE run(
  id INTEGER PRIMARY KEY,
  feed_id INTEGER NOT NULL,
  state INTEGER NOT NULL,           -- enum run_state
  cause INTEGER NOT NULL,           -- enum run_cause
  complete INTEGER NOT NULL DEFAULT 0, -- saw every record: what it did not see vanished
  driver_revision INTEGER NOT NULL,
  apply_cursor TEXT NOT NULL DEFAULT '', -- last record_key applied
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  n_records INTEGER NOT NULL DEFAULT 0,
  n_added INTEGER NOT NULL DEFAULT 0,
  n_changed INTEGER NOT NULL DEFAULT 0,
  n_unchanged INTEGER NOT NULL DEFAULT 0,
  n_withdrawn INTEGER NOT NULL DEFAULT 0,
  n_skipped INTEGER NOT NULL DEFAULT 0,
  n_opened INTEGER NOT NULL DEFAULT 0,  -- matches
  n_closed INTEGER NOT NULL DEFAULT 0,
  n_quiet INTEGER NOT NULL DEFAULT 0,   -- of n_opened, those of a baseline or an upgrade
  flood_limit INTEGER,                  -- opened beyond this is a flood; NULL = not asked yet
  bytes INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  skipped TEXT NOT NULL DEFAULT '[]',   -- first 20: [{"record","why"}]
  next_state TEXT                       -- JSON: the feed's etag ... once this run is done
) STRICT;
CREATE INDEX run_feed ON run(feed_id, id);
CREATE INDEX run_state ON run(state, id);

-- Changed records between the reading of a document and their application.
CREATE TABLE run_stage(
  run_id INTEGER NOT NULL,
  record_key TEXT NOT NULL,
  change INTEGER NOT NULL,          -- enum change
  content_hash BLOB,                -- NULL when there is no body
  body BLOB,                        -- normalized JSON, deflated, or packed scores; NULL
                                    -- when vanished
  PRIMARY KEY(run_id, record_key)
) STRICT, WITHOUT ROWID;

-- Packages with a component that was keyed anew; work in progress of a re-key.
CREATE TABLE rekey_package(
  package_id INTEGER PRIMARY KEY
) STRICT;

-- What a run changed without a word, by the component's ecosystem: told in one event at
-- its end, then deleted.
CREATE TABLE run_quiet(
  run_id INTEGER NOT NULL,
  ecosystem_id INTEGER NOT NULL,
  n_opened INTEGER NOT NULL,
  n_changed INTEGER NOT NULL,
  n_closed INTEGER NOT NULL,
  n_exploited INTEGER NOT NULL,     -- of n_opened
  severity INTEGER NOT NULL,        -- the worst of n_opened
  PRIMARY KEY(run_id, ecosystem_id)
) STRICT, WITHOUT ROWID;

-- Since when a feed speaks of an ecosystem: matches opened by that run are a baseline.
CREATE TABLE feed_coverage(
  feed_id INTEGER NOT NULL,
  ecosystem_id INTEGER NOT NULL,
  first_run_id INTEGER NOT NULL,
  n_records INTEGER NOT NULL DEFAULT 0, -- that stand and name a package of it
  newest_record_at INTEGER,
  PRIMARY KEY(feed_id, ecosystem_id)
) STRICT, WITHOUT ROWID;

-- The shared name: what two feeds of one source both mean by an id.
CREATE TABLE advisory(
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  UNIQUE(source_id, name)
) STRICT;

-- What ONE feed says in its smallest self-contained piece.
CREATE TABLE record(
  id INTEGER PRIMARY KEY,
  feed_id INTEGER NOT NULL,
  record_key TEXT NOT NULL,
  advisory_id INTEGER NOT NULL,
  match_hash BLOB NOT NULL,
  content_hash BLOB NOT NULL,
  revision INTEGER NOT NULL,
  learned_at INTEGER NOT NULL,      -- of this revision
  missing_since INTEGER,            -- not seen since; closes after a second run or a day
  withdrawn_seq INTEGER,            -- NULL while it stands
  has_denials INTEGER NOT NULL,     -- 1: the body holds not_affected entries
  exploited INTEGER,                -- known to be exploited since; NULL = not said
  severity INTEGER NOT NULL,
  vendor_word TEXT,
  body BLOB NOT NULL,               -- normalized JSON, deflated
  UNIQUE(feed_id, record_key)
) STRICT;
CREATE INDEX record_advisory ON record(advisory_id);
CREATE INDEX record_missing ON record(feed_id, record_key)
  WHERE missing_since IS NOT NULL AND withdrawn_seq IS NULL;
CREATE INDEX record_exploited ON record(feed_id) WHERE exploited IS NOT NULL;

CREATE TABLE record_past(
  record_id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  run_id INTEGER NOT NULL,          -- the run that replaced it
  learned_at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY(record_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE condition(
  id INTEGER PRIMARY KEY,
  archs TEXT NOT NULL,              -- sorted, comma separated; '' = every
  module TEXT NOT NULL,
  stream TEXT NOT NULL,
  vendor INTEGER NOT NULL,
  UNIQUE(archs, module, stream, vendor)
) STRICT;

-- One half-open range of keys that a record calls affected.
CREATE TABLE affected(
  id INTEGER PRIMARY KEY,
  record_id INTEGER NOT NULL,
  package_id INTEGER NOT NULL,
  kind INTEGER NOT NULL,            -- enum package_kind
  condition_id INTEGER NOT NULL,
  lo BLOB NOT NULL,
  hi BLOB NOT NULL,
  exact INTEGER NOT NULL,
  bound INTEGER NOT NULL,           -- enum bound
  lo_text TEXT,
  hi_text TEXT,
  fixed_version TEXT,
  status INTEGER NOT NULL,          -- enum status
  vendor_state TEXT,
  severity INTEGER NOT NULL,        -- of this entry; 0 = not said here
  vendor_word TEXT
) STRICT;
CREATE INDEX affected_package ON affected(package_id, kind);
CREATE INDEX affected_record ON affected(record_id);

-- ----------------------------------------------------------------- the problem

CREATE TABLE vulnerability(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind INTEGER NOT NULL,            -- 0 ordinary, 1 temporary id (never notified)
  merged_into INTEGER,              -- the winner, once two names proved to be one
  severity INTEGER NOT NULL,        -- highest anybody says: search and its own page only
  cvss_tenths INTEGER,              -- the score shown beside it
  kev_at INTEGER,                   -- exploited since
  epss_micro INTEGER
) STRICT;

-- EPSS of every CVE that has one, whether it is a vulnerability here or not: one that
-- comes later takes its score from here.  No revisions: scores move every day.
CREATE TABLE epss(
  cve INTEGER PRIMARY KEY,          -- epss_key() in epss.c
  score_micro INTEGER NOT NULL,     -- millionths
  percentile_micro INTEGER NOT NULL -- -1 = not said
) STRICT;

CREATE INDEX vulnerability_exploited ON vulnerability(id) WHERE kev_at IS NOT NULL;
CREATE INDEX vulnerability_merged ON vulnerability(merged_into)
  WHERE merged_into IS NOT NULL;

-- Every name of a vulnerability; id 0 = claimed by several, so it names none.
CREATE TABLE alias(
  name TEXT PRIMARY KEY,
  vulnerability_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_vulnerability ON alias(vulnerability_id);

CREATE TABLE record_vulnerability(
  record_id INTEGER NOT NULL,
  vulnerability_id INTEGER NOT NULL,
  PRIMARY KEY(record_id, vulnerability_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_record ON record_vulnerability(vulnerability_id, record_id);

-- Scores by scorer, from the record that brought them.
CREATE TABLE cvss(
  vulnerability_id INTEGER NOT NULL,
  record_id INTEGER NOT NULL,
  n INTEGER NOT NULL,               -- position in the record
  scorer TEXT NOT NULL,
  speaker INTEGER NOT NULL,         -- enum speaker
  vector TEXT,
  score_tenths INTEGER NOT NULL,
  PRIMARY KEY(vulnerability_id, record_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX cvss_record ON cvss(record_id);

-- 'not affected' entries that contradict another record about a package.
CREATE TABLE denial(
  package_id INTEGER NOT NULL,
  vulnerability_id INTEGER NOT NULL,
  record_id INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  condition_id INTEGER NOT NULL,
  PRIMARY KEY(package_id, vulnerability_id, record_id, kind, condition_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX denial_record ON denial(record_id);
CREATE INDEX denial_vulnerability ON denial(vulnerability_id);

-- ---------------------------------------------------------------- the decision

-- Units to decide again.  package 0: only the vulnerability's scores have changed.
CREATE TABLE dirty(
  package_id INTEGER NOT NULL,
  vulnerability_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  PRIMARY KEY(package_id, vulnerability_id, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dirty_run ON dirty(run_id, package_id, vulnerability_id);

CREATE TABLE match(
  component_id INTEGER NOT NULL,
  vulnerability_id INTEGER NOT NULL,
  affected_id INTEGER NOT NULL,     -- the deciding statement; its row may be gone already
  record_id INTEGER NOT NULL,       -- and the record it stands in
  revision INTEGER NOT NULL,        -- as which it was read
  state INTEGER NOT NULL,           -- enum status
  severity INTEGER NOT NULL,
  severity_source INTEGER NOT NULL, -- enum speaker
  fix_stream INTEGER NOT NULL DEFAULT 0, -- condition whose stream has the fix; 0 = own
  fix_affected_id INTEGER NOT NULL DEFAULT 0, -- the statement that names that fix
  fixed_version TEXT,               -- installable here; kept since statements are replaced
  since_seq INTEGER NOT NULL,
  changed_seq INTEGER NOT NULL,
  PRIMARY KEY(component_id, vulnerability_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX match_vulnerability ON match(vulnerability_id, component_id);

-- One row per ended period of a match: from_seq <= n < to_seq.
CREATE TABLE match_past(
  component_id INTEGER NOT NULL,
  vulnerability_id INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  state INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  severity_source INTEGER NOT NULL DEFAULT 0,
  fixed_version TEXT,
  record_id INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  reason INTEGER NOT NULL,          -- enum past_reason
  PRIMARY KEY(component_id, vulnerability_id, to_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_past_vulnerability ON match_past(vulnerability_id, to_seq);

-- ------------------------------------------------------------------------ sets

CREATE TABLE inventory(
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,               -- SHA-256 over the sorted component ids
  state INTEGER NOT NULL,           -- 1 live, 0 dead
  n_components INTEGER NOT NULL,
  dead_seq INTEGER
) STRICT;
CREATE UNIQUE INDEX inventory_hash ON inventory(hash) WHERE state = 1;

-- Sorted component ids as delta varints.
CREATE TABLE inventory_set(
  inventory_id INTEGER PRIMARY KEY,
  components BLOB NOT NULL
) STRICT;

-- The reverse: sorted inventory ids per component, and what came since the last fold.
CREATE TABLE posting(
  component_id INTEGER PRIMARY KEY,
  n INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  inventories BLOB NOT NULL
) STRICT;
CREATE TABLE posting_tail(
  component_id INTEGER NOT NULL,
  inventory_id INTEGER NOT NULL,
  PRIMARY KEY(component_id, inventory_id)
) STRICT, WITHOUT ROWID;

-- Counts of one inventory as of an event number; derived, may lag.
CREATE TABLE inventory_summary(
  inventory_id INTEGER PRIMARY KEY,
  as_of_seq INTEGER NOT NULL,
  n_critical INTEGER NOT NULL,
  n_high INTEGER NOT NULL,
  n_medium INTEGER NOT NULL,
  n_low INTEGER NOT NULL,
  n_negligible INTEGER NOT NULL,
  n_unknown INTEGER NOT NULL,
  n_fixable INTEGER NOT NULL,
  n_exploited INTEGER NOT NULL
) STRICT;
CREATE TABLE summary_due(inventory_id INTEGER PRIMARY KEY) STRICT;
-- Components whose matches changed: their inventories become due.
-- next_id: those below it are due already; whoever makes a component due sets it to 0.
CREATE TABLE component_due(
  component_id INTEGER PRIMARY KEY,
  next_id INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX component_due_next ON component_due(next_id DESC, component_id);

-- ----------------------------------------------------------------------- teams

-- Team 0 is 'all': operators, and what belongs to nobody.
CREATE TABLE team(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  fleet_version INTEGER NOT NULL DEFAULT 0 -- bumped by every change of its images
) STRICT;

CREATE TABLE token(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,         -- 0 = all teams
  name TEXT NOT NULL,
  scope INTEGER NOT NULL,           -- enum token_scope
  hash BLOB NOT NULL UNIQUE,        -- SHA-256 of the token's text
  hint TEXT NOT NULL,               -- its first characters, to tell tokens apart
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE TABLE image(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  ref TEXT NOT NULL,
  platform TEXT,
  state INTEGER NOT NULL,           -- enum image_state
  coverage INTEGER NOT NULL,        -- enum coverage_state, as the reader found it
  os_id TEXT, os_version TEXT,
  ecosystem_id INTEGER,             -- the system's; NULL = none
  not_covered TEXT NOT NULL DEFAULT '[]', -- JSON: [{"ecosystem","components","why"}]
  digest TEXT,
  inventory_id INTEGER,             -- NULL = never read
  registered_seq INTEGER NOT NULL,
  period_seq INTEGER NOT NULL,      -- since when inventory and digest are these
  registered_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  owner TEXT,                       -- JSON {"name","contact","url"}
  UNIQUE(team_id, name)
) STRICT;
CREATE INDEX image_team ON image(team_id); -- its rows follow each other by id
CREATE INDEX image_inventory_now ON image(team_id, inventory_id, id);
CREATE INDEX image_by_inventory ON image(inventory_id, team_id, id, state, coverage, ecosystem_id);

-- References that are pulled by ourselves, again and again.
CREATE TABLE watch(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,               -- of the image that is kept equal to
  ref TEXT NOT NULL,                -- what this points to
  platform TEXT,                    -- NULL = the host's
  put TEXT NOT NULL,                -- JSON: lists and labels to register it with
  import_id INTEGER NOT NULL,       -- it was added with these
  state INTEGER NOT NULL,           -- enum watch_state
  digest TEXT,                      -- that the reference pointed to
  next_at INTEGER NOT NULL,
  checked_at INTEGER,
  pulled_at INTEGER,
  failures INTEGER NOT NULL DEFAULT 0, -- in a row
  last_error TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE(team_id, name)
) STRICT;
CREATE INDEX watch_due ON watch(next_at);
CREATE INDEX watch_import ON watch(import_id, id);
CREATE INDEX watch_leased ON watch(id) WHERE lease_until > 0;

CREATE TABLE import(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- What lists images from time to time: a cluster, a machine, a file.
CREATE TABLE place(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  grace_s INTEGER NOT NULL,         -- an image may be gone for so long
  synced_at INTEGER NOT NULL,
  UNIQUE(team_id, name)
) STRICT;
CREATE TABLE sighting(
  place_id INTEGER NOT NULL,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,               -- of the image
  namespace TEXT NOT NULL,          -- '' = none
  workload TEXT NOT NULL,           -- '' = not said
  digest TEXT,                      -- that runs there
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  gone_at INTEGER,                  -- NULL = it is there
  PRIMARY KEY(place_id, name, namespace, workload)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_image ON sighting(team_id, name);
CREATE INDEX sighting_gone ON sighting(gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE label(
  object_kind INTEGER NOT NULL,     -- 1 image, 2 list
  object_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY(object_kind, object_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_value ON label(object_kind, key, value, object_id);

-- What an image pointed to before: from_seq <= n < to_seq.
CREATE TABLE image_past(
  image_id INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  inventory_id INTEGER,
  ref TEXT,
  digest TEXT,
  PRIMARY KEY(image_id, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_past_inventory ON image_past(inventory_id);

CREATE TABLE team_inventory(
  team_id INTEGER NOT NULL,
  inventory_id INTEGER NOT NULL,
  n_images INTEGER NOT NULL,
  PRIMARY KEY(team_id, inventory_id)
) STRICT, WITHOUT ROWID;
-- how many live images of a team are covered how, so that nobody has to count them
CREATE TABLE team_coverage(
  team_id INTEGER NOT NULL,
  coverage INTEGER NOT NULL,
  ecosystem_id INTEGER NOT NULL,    -- 0 = none
  n_images INTEGER NOT NULL,
  PRIMARY KEY(team_id, coverage, ecosystem_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_team ON team_inventory(inventory_id, team_id);

CREATE TABLE list(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  selector TEXT,                    -- JSON {"refs":[],"labels":{}}; NULL = by hand
  owner TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE(team_id, name)
) STRICT;

-- Membership in time; members by selector are kept here too.
CREATE TABLE list_image(
  list_id INTEGER NOT NULL,
  image_id INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  by_hand INTEGER NOT NULL,
  PRIMARY KEY(list_id, image_id, from_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_list ON list_image(image_id, list_id);

CREATE TABLE acceptance(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  vulnerability_name TEXT,
  vulnerability_id INTEGER,
  list_id INTEGER,
  image_glob TEXT,
  package_glob TEXT,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  expires_at INTEGER,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX acceptance_team ON acceptance(team_id, vulnerability_id);
CREATE INDEX acceptance_vulnerability ON acceptance(vulnerability_id);

-- --------------------------------------------------------------------- the log

-- Who did what; numbers from the same line as events.
CREATE TABLE audit(
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  team_id INTEGER,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  before TEXT,
  after TEXT
) STRICT;

-- One row per (run slice, kind, vulnerability, package): components is a set blob,
-- NULL = every match of the vulnerability at this number.
CREATE TABLE event(
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,            -- enum event_kind
  team_id INTEGER,                  -- NULL = a fact for every team
  run_id INTEGER,
  vulnerability_id INTEGER,
  package_id INTEGER,               -- the package the deciding statement names
  ecosystem_id INTEGER,             -- of feed.baseline; NULL = the package's
  image_id INTEGER,
  state INTEGER,
  severity INTEGER,
  severity_before INTEGER,
  flags INTEGER NOT NULL DEFAULT 0, -- EVENT_...
  epss_micro INTEGER,
  epss_before_micro INTEGER,        -- of a score that rose over a threshold
  n INTEGER NOT NULL DEFAULT 0,
  components BLOB,
  detail TEXT                       -- JSON, kind's own
) STRICT;
CREATE INDEX event_vulnerability ON event(vulnerability_id, seq) WHERE vulnerability_id IS NOT NULL;
-- Words on feeds: held, failed, recovered, stale.
CREATE INDEX event_feed ON event(run_id, seq) WHERE kind IN (11, 12, 13, 18);
-- What an announced flood hands out: quiet events by their run (4 = EVENT_QUIET).
CREATE INDEX event_quiet ON event(run_id, seq) WHERE (flags & 4) <> 0;

-- When numbers were given whose events retention has thrown away: the last of each day.
CREATE TABLE moment(
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT;

-- ------------------------------------------------------------------- delivery

CREATE TABLE channel(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  config TEXT NOT NULL,             -- JSON with the secrets in it
  state INTEGER NOT NULL,           -- enum channel_state
  failures INTEGER NOT NULL DEFAULT 0, -- in a row
  retry_at INTEGER NOT NULL DEFAULT 0, -- breaker: nothing is sent before
  last_error TEXT,
  last_success_at INTEGER,
  created_at INTEGER NOT NULL,
  UNIQUE(team_id, name)
) STRICT;

CREATE TABLE subscription(
  id INTEGER PRIMARY KEY,
  team_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  list_id INTEGER NOT NULL,
  definition TEXT NOT NULL,         -- JSON: filter, schedule, at, days, tz, gather, urgent
  paused INTEGER NOT NULL DEFAULT 0,
  cursor_seq INTEGER NOT NULL,      -- everything up to here is told or was not to be
  start_seq INTEGER NOT NULL,       -- nothing before this is ever told
  next_at INTEGER,                  -- of a scheduled one; NULL = as events come
  created_at INTEGER NOT NULL,
  epss_micro INTEGER NOT NULL DEFAULT 0, -- from which EPSS on it wants to know; 0 = any
  UNIQUE(team_id, name)
) STRICT;
CREATE INDEX subscription_epss ON subscription(epss_micro) WHERE epss_micro > 0;
CREATE TABLE subscription_channel(
  subscription_id INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  PRIMARY KEY(subscription_id, channel_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_subscription ON subscription_channel(channel_id);

-- The outbox.  One row per channel, and per recipient for mail; the body is frozen.
CREATE TABLE message(
  id TEXT PRIMARY KEY,              -- derived from (subscription, channel, recipient, cursors)
  team_id INTEGER NOT NULL,
  subscription_id INTEGER NOT NULL, -- 0 = a test of the channel
  channel_id INTEGER NOT NULL,
  recipient TEXT NOT NULL,          -- '' unless mail
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  state INTEGER NOT NULL,           -- enum message_state
  lease_until INTEGER,              -- somebody is sending it until then
  attempt INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  finished_at INTEGER,
  subject TEXT NOT NULL,
  body BLOB,                        -- what is sent, deflated; NULL = no longer kept
  UNIQUE(subscription_id, channel_id, recipient, first_seq, last_seq)
) STRICT;
CREATE INDEX message_due ON message(next_at) WHERE state < 2; -- still to be sent
CREATE INDEX message_finished ON message(finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX message_team ON message(team_id, created_at, id);
CREATE INDEX message_created ON message(created_at, id);
CREATE INDEX message_open ON message(state, created_at) WHERE state <> 2; -- not accepted
CREATE INDEX message_leased ON message(channel_id) WHERE lease_until IS NOT NULL;

-- Every attempt to send.
CREATE TABLE delivery(
  message_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  result INTEGER NOT NULL,          -- enum delivery_result
  status INTEGER NOT NULL,          -- HTTP status or SMTP reply, 0 = none
  error TEXT,
  duration_ms INTEGER NOT NULL,
  PRIMARY KEY(message_id, attempt)
) STRICT, WITHOUT ROWID;

INSERT INTO team(id, name) VALUES (0, 'all');

-- Tickets {first} to {last} as Request Tracker 5 stores them: ticket, four role groups and their members, a Create and a
-- Correspond transaction with one attachment each. Ids lie above those that its own sequences give meanwhile.
CREATE TEMP TABLE seed AS
SELECT n, text, title, (SELECT text FROM bench_said WHERE i = (n + 5000) % 10000) AS more, now() - n * interval '1 s' AS at,
       (SELECT id FROM users WHERE name = 'Nobody') AS nobody, (SELECT id FROM users WHERE name = 'root') AS root,
       (SELECT id FROM queues WHERE name = 'General') AS queue
FROM generate_series({first}, {last}) n JOIN bench_said ON i = n % 10000;

INSERT INTO tickets (id, effectiveid, queue, type, owner, subject, status, priority, created, lastupdated, creator, lastupdatedby,
       initialpriority, finalpriority, timeestimated, timeworked, timeleft)
SELECT n, n, queue, 'ticket', CASE WHEN n % 4 = 0 THEN root ELSE nobody END, title,
       (ARRAY['new', 'open', 'resolved'])[1 + n % 3], 0, at, now(), root, root, 0, 0, 0, 0, 0 FROM seed;

INSERT INTO principals (id, principaltype, disabled)
SELECT 50000000 + 4 * n + k, 'Group', 0 FROM seed, generate_series(0, 3) k;

INSERT INTO groups (id, name, domain, instance, creator, created, lastupdatedby, lastupdated)
SELECT 50000000 + 4 * n + k, (ARRAY['Requestor', 'Cc', 'AdminCc', 'Owner'])[k + 1], 'RT::Ticket-Role', n, 1, now(), 1, now()
FROM seed, generate_series(0, 3) k;

CREATE TEMP TABLE member AS
SELECT 50000000 + 4 * n + k AS team, CASE WHEN k = 0 OR n % 4 = 0 THEN root ELSE nobody END AS who
FROM seed, (VALUES (0), (3)) v(k);

INSERT INTO groupmembers (groupid, memberid, creator, lastupdatedby) SELECT team, who, 1, 1 FROM member;

INSERT INTO cachedgroupmembers (groupid, memberid, via, immediateparentid, disabled)
SELECT team, who, 0, team, 0 FROM member
UNION ALL SELECT id, id, 0, id, 0 FROM (SELECT 50000000 + 4 * n + k AS id FROM seed, generate_series(0, 3) k) self;

INSERT INTO transactions (id, objecttype, objectid, type, creator, created)
SELECT 50000000 + 2 * n + k, 'RT::Ticket', n, (ARRAY['Create', 'Correspond'])[k + 1], root, at FROM seed, generate_series(0, 1) k;

INSERT INTO attachments (transactionid, parent, subject, contenttype, content, headers, creator, created)
SELECT 50000000 + 2 * n + k, 0, title, 'text/plain', CASE k WHEN 0 THEN text ELSE more END, 'Content-Type: text/plain', root, now()
FROM seed, generate_series(0, 1) k;

SELECT setval('tickets_id_seq', greatest(10000000, (SELECT max(id) FROM tickets))),
       setval('principals_id_seq', greatest(90000000, (SELECT max(id) FROM principals))),
       setval('transactions_id_seq', greatest(90000000, (SELECT max(id) FROM transactions)));

DROP TABLE seed, member;

# Request Tracker's site settings; everything else is its package's default.
Set($rtname, 'bench.test');
Set($Organization, 'bench.test');
Set($WebDomain, '127.0.0.1');
Set($WebPort, $ENV{BENCH_PORT} || 8772);
Set($WebPath, '');
Set($WebBaseURL, 'http://127.0.0.1:' . ($ENV{BENCH_PORT} || 8772));
Set($Timezone, 'UTC');
Set($DatabaseType, 'Pg');
Set($DatabaseHost, $ENV{BENCH_SOCKETS});
Set($DatabasePort, 5432);
Set($DatabaseName, 'tracker');
Set($DatabaseUser, 'hark');
Set($DatabasePassword, 'x');
Set($DatabaseAdmin, 'hark');
Set($WebRemoteUserAuth, 1);
Set($WebFallbackToRTLogin, 0);
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set($LogToFile, undef);
Set($MailCommand, 'testfile');    # no mail leaves: in the peer's favour
Set($RestrictReferrer, 0);
Set(%FullTextSearch, Enable => 1, Indexed => 1, Column => 'ContentIndex', Table => 'AttachmentsIndex')
    if $ENV{BENCH_INDEXED};
1;

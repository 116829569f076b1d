# Request Tracker under any PSGI server, with the cheapest authentication it offers: the web server has done it already.
# Loopback only.
use strict;
use warnings;

my $tracker = do { local @ARGV; local $0 = 'rt-server'; do '/usr/share/request-tracker5/libexec/rt-server' }
    or die $@ || $!;

sub { my $env = shift; $env->{REMOTE_USER} = 'root'; $tracker->($env) };

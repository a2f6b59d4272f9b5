# Exits with 0 when the HAProxy of this container serves. It asks a socket of this process: the port is shared, and during an
# update the old process may answer there.
#
# usage: front-haproxy-ready.pl SOCKET PATH EXPECTED_BODY
use strict;
use warnings;
use IO::Socket::UNIX;

my ($socket, $path, $expected) = @ARGV;
alarm 2;
my $health = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!\n";
$health->print("GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
my ($head, $body) = split /\r\n\r\n/, join('', $health->getlines), 2;
die "not ready: $head\n" unless $head =~ m{^HTTP/1\.1 200 } and $body eq $expected;

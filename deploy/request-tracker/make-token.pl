#!/usr/bin/perl
# Makes a token for Lotsen's account in Request Tracker and prints it; RT keeps only its hash, so it is shown once.
#
#     perl -I/usr/share/request-tracker5/lib make-token.pl [account]
use strict;
use warnings;
use RT -init;

my $name = shift // 'lotsen';
my $user = RT::User->new(RT->SystemUser);
$user->Load($name);
die "Request Tracker has no account $name; insert lotsen.initialdata first.\n" unless $user->Id;

my $token = RT::AuthToken->new(RT->SystemUser);
my ($made, $said, $written) = $token->Create(Owner => $user->Id, Description => 'Lotsen');
die "Request Tracker made no token: $said\n" unless $made;
print "$written\n";

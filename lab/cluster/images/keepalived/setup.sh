#!/bin/sh
# runs in the image: the public one is Alpine, so the shell and wget are BusyBox's, and nothing may lean on bash or perl
set -e
rm -f /usr/bin/bash /usr/bin/rbash /usr/bin/perl*
for applet in wget nc; do ln -sf busybox "/usr/bin/$applet"; done
# as Alpine has it: /bin is a folder, with BusyBox and the shell. keepalived 2.2.7 starts the file that a link names
# by that file's name where the link's own is not beside it: BusyBox would not know that it is to be a shell
rm /bin /usr/bin/sh
mkdir /bin
mv /usr/bin/busybox /bin
ln -s busybox /bin/sh
ln -s /bin/busybox /usr/bin/busybox

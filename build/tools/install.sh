#!/bin/sh
# Installs the programs of the folder $1 into /usr/local below $2 (default: the
# system itself): limiquantix with its short name, and when it is there, the
# window with its entry, icons and links.
set -eu
from=$1
to=${2:-}/usr/local
desktop=$(cd "$(dirname "$0")/../desktop" && pwd)
install -D -m 0755 "$from/limiquantix" "$to/bin/limiquantix"
ln -sf limiquantix "$to/bin/lqx"
if ! [ -e "$from/limiquantix-desktop" ]; then
	exit 0
fi
install -D -m 0755 "$from/limiquantix-desktop" "$to/bin/limiquantix-desktop"
install -D -m 0644 "$desktop/limiquantix.desktop" "$to/share/applications/limiquantix.desktop"
install -D -m 0644 "$desktop/limiquantix.svg" "$to/share/icons/hicolor/scalable/apps/limiquantix.svg"
for icon in "$desktop"/icons/*.png; do
	size=$(basename "$icon" .png)
	install -D -m 0644 "$icon" "$to/share/icons/hicolor/${size}x$size/apps/limiquantix.png"
done
# These make links and icons known at once; a package does it by triggers.
if command -v update-desktop-database >/dev/null; then
	update-desktop-database -q "$to/share/applications"
fi
if command -v gtk-update-icon-cache >/dev/null; then
	gtk-update-icon-cache -q -f -t "$to/share/icons/hicolor" || true
fi

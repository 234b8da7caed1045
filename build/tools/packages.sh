#!/bin/sh
# Installs those Debian packages of build/packages.txt (or of its arguments)
# that this machine lacks, and says which. When nothing is missing it takes
# milliseconds. It fails, with the command to type, where it is not root.
set -eu
list=$(dirname "$0")/../packages.txt
if ! command -v dpkg-query >/dev/null; then
	echo "packages: this is no Debian machine: install the equivalent of build/packages.txt yourself" >&2
	exit 1
fi
wanted=${*:-$(sed 's/#.*//' "$list" | awk 'NF { print $1 }')}
# Its status is 1 when it does not know one of them: the output counts all the same.
# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true)
missing=
for p in $wanted; do
	case "
$have
" in
	*"
$p installed
"*) ;;
	*) missing="$missing $p" ;;
	esac
done
# Guests are built with apt, which needs its lists even when nothing is missing here.
lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null || true)
if [ -z "$missing" ] && [ -n "$lists" ]; then
	exit 0
fi
for p in $missing; do
	echo "missing: $p ($(awk -v p="$p" '$1 == p { $1 = ""; print substr($0, 2); exit }' "$list"))" >&2
done
if [ "$(id -u)" != 0 ]; then
	echo "packages: installing needs root. Type: sudo make packages" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
[ -z "$missing" ] || apt-get install -y -qq --no-install-recommends $missing </dev/null

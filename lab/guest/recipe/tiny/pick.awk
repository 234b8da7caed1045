# The line of network.awk's output that is for the card nic with address mac:
# by MAC, else by name, else the nth line without a MAC for ethN.
{ line[NR] = $0 }
$2 == mac { byMAC = $0 }
$2 == "-" && $1 == nic { byName = $0 }
$2 == "-" && $1 !~ /^eth[0-9]+$/ { nth[n++] = $0 }
END {
  if (byMAC != "") print byMAC
  else if (byName != "") print byName
  else print nth[substr(nic, 4) + 0]
}

# NoCloud network-config, version 1 or 2, flattened to one "key: value" or
# "- value" a line. Prints one line for each Ethernet card:
# ID MAC DHCP(yes|no) ADDRESS,... GATEWAY,... NAMESERVER,...   with - for none.
function flush() {
  if (id != "") print id, dash(mac), dhcp, dash(addrs), dash(gws), dash(dns)
  id = mac = addrs = gws = dns = key = ""; dhcp = "no"
}
function dash(s) { return s == "" ? "-" : s }
function more(list, v) { return list == "" ? v : list "," v }
# An address with a prefix is the card's; one without is a name server's.
function address(v) { if (v ~ /\//) addrs = more(addrs, v); else dns = more(dns, v) }
BEGIN {
  n = split("version network ethernets match addresses nameservers search routes config subnets " \
            "dns_nameservers dns_search dhcp4-overrides dhcp6-overrides routing-policy link-local", w)
  for (i = 1; i <= n; i++) known[w[i]] = 1
}
{
  item = sub(/^(- *)+/, "")
  i = index($0, ": ")
  if (i) { k = substr($0, 1, i - 1); v = substr($0, i + 1); gsub(/^ +| +$/, "", v) }
  else if ($0 ~ /:$/ && !(item && $0 ~ /::/)) { k = substr($0, 1, length($0) - 1); v = "" }
  else { if (key == "addresses" || key == "dns_nameservers") address($0); next }
  key = k
}
v == "" && !(k in known) { flush(); id = k; next }
k == "type" && v == "physical" { flush(); id = "?"; next }
k == "type" && v == "nameserver" { flush(); next }
k == "type" && v ~ /^dhcp/ { dhcp = "yes" }
k == "name" && id == "?" { id = v }
k == "macaddress" || k == "mac_address" { mac = tolower(v) }
k == "dhcp4" && (v == "true" || v == "yes") { dhcp = "yes" }
k == "address" { pending = v; if (v ~ /\//) { address(v); pending = "" } }
k == "netmask" && pending != "" { address(pending "/" v); pending = "" }
k ~ /^gateway[46]?$/ || k == "via" { gws = more(gws, v) }
END { flush() }

# The users of a #cloud-config, one a line: the default one (debian, or what
# "user:" says) unless "users:" leaves it out, and every "name:" under "users:".
/^[A-Za-z_]+:/ {
  top = $1
  if (top == "users:") listed = 1
  if (top == "user:" && $2 != "") user = $2
}
{ gsub(/["'{},]/, " "); sub(/\r$/, "") }
top == "users:" && /^ *- *default *$/ { wanted = 1 }
(top == "users:" || top == "user:") && /(^|[ -])name: / {
  name = $0; sub(/.*name: */, "", name); sub(/ .*/, "", name)
  if (top == "user:") user = name; else names[++n] = name
}
END {
  if (!listed || wanted) print (user == "" ? "debian" : user)
  for (i = 1; i <= n; i++) print names[i]
}

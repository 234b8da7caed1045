#!/bin/sh
# What udhcpc calls with $1 = deconfig, bound, renew ...
case $1 in
deconfig)
  ip addr flush dev "$interface" scope global
  ip link set "$interface" up
  ;;
bound | renew)
  ip addr add "$ip/${mask:-24}" dev "$interface" 2>/dev/null
  for r in $router; do ip route add default via "$r" dev "$interface" 2>/dev/null; done
  : >/etc/resolv.conf
  for d in $dns; do echo "nameserver $d" >>/etc/resolv.conf; done
  [ "$1" = bound ] && echo "TINY-NET $interface $ip/${mask:-24}" >/dev/ttyS0
  ;;
esac
exit 0

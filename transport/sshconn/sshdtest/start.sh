# Runs as PID 1 of new mount and PID namespaces: DIR LIBVIRTD(yes|no) HIDDEN-PATH...
dir=$1 libvirtd=$2
shift 2
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/libvirt "$dir/etc"
chmod 755 /run /run/sshd

# The password of sshdtest.Password.
hash='$6$lqxsshdtest$G4YkcaC5FYrnLqs.gj6o8RfcfLEm.LuUNzbOI7hlON9H/CnsS4MYBsBkj7Xi5BTQAcufLkBouQ6H/lsozmEot1'
n=61000
cp /etc/passwd /etc/shadow /etc/group "$dir/etc/"
sed -i '/^\(plain\|virt\|admin\):/d; s|^\(root:[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:\).*|\1/bin/sh|' "$dir/etc/passwd"
sed -i '/^\(plain\|virt\|admin\|root\):/d' "$dir/etc/shadow"
sed -i '/^libvirt:/d' "$dir/etc/group"
echo "root:$hash:19000:0:99999:7:::" >> "$dir/etc/shadow"
echo 'libvirt:x:60999:virt' >> "$dir/etc/group"
mkdir -p "$dir/home"
for user in plain virt admin; do
	n=$((n + 1))
	echo "$user:x:$n:65534::$dir/home/$user:/bin/sh" >> "$dir/etc/passwd"
	echo "$user:$hash:19000:0:99999:7:::" >> "$dir/etc/shadow"
	mkdir -p "$dir/home/$user"
	chown $n:65534 "$dir/home/$user"
done
printf 'Defaults !requiretty\nroot ALL=(ALL:ALL) ALL\nadmin ALL=(ALL:ALL) NOPASSWD: ALL\n' > "$dir/etc/sudoers"
chmod 440 "$dir/etc/sudoers"
chmod 640 "$dir/etc/shadow"
for file in passwd shadow group sudoers; do
	mount --bind "$dir/etc/$file" "/etc/$file"
done
for path; do
	mount --bind /dev/null "$path"
done

if [ "$libvirtd" = yes ]; then
	mkdir -p "$dir/libvirt/etc"
	cat > "$dir/libvirt/libvirtd.conf" <<END
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
host_uuid = "6c717874-0000-4000-8000-000000000001"
END
	mount -t tmpfs tmpfs /var/lib/libvirt
	mount -t tmpfs tmpfs /var/cache/libvirt
	mount -t tmpfs tmpfs /etc/libvirt
	/usr/sbin/libvirtd --daemon --config "$dir/libvirt/libvirtd.conf"
fi
exec /usr/sbin/sshd -D -e -f "$dir/sshd_config"

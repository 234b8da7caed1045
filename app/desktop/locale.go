package desktop

// usableLocale is what [FixLocale] sets. It need not be installed: the web view
// takes its name only.
const usableLocale = "en_US.UTF-8"

// FixLocale sets a locale where there is none, or only C or POSIX: WebKit's Intl
// throws on dates and numbers then. lookup and set are those of the environment.
// Call it before the window is made.
func FixLocale(lookup func(string) string, set func(name, value string) error) error {
	for _, name := range []string{"LC_ALL", "LANG"} { // in the order in which they count
		switch lookup(name) {
		case "":
			continue
		case "C", "POSIX", "C.UTF-8", "C.utf8":
			return setLocale(set)
		}
		return nil
	}
	return setLocale(set)
}

func setLocale(set func(name, value string) error) error {
	if err := set("LC_ALL", usableLocale); err != nil {
		return err
	}
	return set("LANG", usableLocale)
}

//go:build desktop

package desktop

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

static const char *own = "wails://wails/";
static const char *made = "blob:wails://wails/"; // a file to save

// decide lets nothing be loaded but our own page: no other address, no new window.
static gboolean decide(WebKitWebView *view, WebKitPolicyDecision *decision, WebKitPolicyDecisionType type, gpointer data) {
	if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
		return FALSE;
	WebKitNavigationAction *action = webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
	const char *uri = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
	if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION && (g_str_has_prefix(uri, own) || g_str_has_prefix(uri, made)))
		return FALSE;
	webkit_policy_decision_ignore(decision);
	return TRUE;
}

// deny refuses camera, place, notifications and whatever else is asked for.
static gboolean deny(WebKitWebView *view, WebKitPermissionRequest *request, gpointer data) {
	webkit_permission_request_deny(request);
	return TRUE;
}

// retitle has the window called as the page is.
static void retitle(WebKitWebView *view, GParamSpec *spec, gpointer data) {
	GtkWidget *window = gtk_widget_get_toplevel(GTK_WIDGET(view));
	const char *title = webkit_web_view_get_title(view);
	if (GTK_IS_WINDOW(window) && title && *title)
		gtk_window_set_title(GTK_WINDOW(window), title);
}

static void find(GtkWidget *widget, gpointer talk) {
	if (WEBKIT_IS_WEB_VIEW(widget)) {
		WebKitWebView *view = WEBKIT_WEB_VIEW(widget);
		webkit_settings_set_enable_write_console_messages_to_stdout(webkit_web_view_get_settings(view), GPOINTER_TO_INT(talk));
		g_signal_connect(widget, "notify::title", G_CALLBACK(retitle), NULL);
		g_signal_connect(widget, "decide-policy", G_CALLBACK(decide), NULL);
		g_signal_connect(widget, "permission-request", G_CALLBACK(deny), NULL);
	} else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find, talk);
}

static gboolean find_all(gpointer talk) {
	GList *all = gtk_window_list_toplevels();
	for (GList *l = all; l; l = l->next)
		find(GTK_WIDGET(l->data), talk);
	g_list_free(all);
	return G_SOURCE_REMOVE;
}

static void confine(gboolean talk) { g_idle_add(find_all, GINT_TO_POINTER(talk)); }
*/
import "C"

// confine keeps the web view on our page, and the window's title that of the
// page, for which Wails v2 has no options. With talk, what the page says to its
// console goes to standard output. It may be called on any thread, once the
// window is made.
func confine(talk bool) {
	if talk {
		C.confine(1)
	} else {
		C.confine(0)
	}
}

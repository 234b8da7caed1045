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

static void find(GtkWidget *widget, gpointer data) {
	if (WEBKIT_IS_WEB_VIEW(widget)) {
		g_signal_connect(widget, "decide-policy", G_CALLBACK(decide), NULL);
		g_signal_connect(widget, "permission-request", G_CALLBACK(deny), NULL);
	} else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find, NULL);
}

static gboolean find_all(gpointer data) {
	GList *all = gtk_window_list_toplevels();
	for (GList *l = all; l; l = l->next)
		find(GTK_WIDGET(l->data), NULL);
	g_list_free(all);
	return G_SOURCE_REMOVE;
}

static void confine(void) { g_idle_add(find_all, NULL); }
*/
import "C"

// confine keeps the web view on our page, for which Wails v2 has no option. It
// may be called on any thread, once the window is made.
func confine() { C.confine() }

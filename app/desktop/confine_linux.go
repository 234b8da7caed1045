//go:build desktop

package desktop

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>
#include <stdint.h>
#include <string.h>

extern void followLink(char *uri, uintptr_t handle);

static const char *linked = "limiquantix://";
static const char *own = "wails://wails/";
static const char *made = "blob:wails://wails/"; // a file to save

// decide lets nothing be loaded but our own page: no other address, no new
// window. A link of ours is followed as one from anywhere.
static gboolean decide(WebKitWebView *view, WebKitPolicyDecision *decision, WebKitPolicyDecisionType type, gpointer data) {
	if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
		return FALSE;
	WebKitNavigationAction *action = webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
	const char *uri = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
	if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION && (g_str_has_prefix(uri, own) || g_str_has_prefix(uri, made)))
		return FALSE;
	if (g_str_has_prefix(uri, linked))
		followLink((char *)uri, (uintptr_t)data);
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

struct options {
	gboolean talk;
	void *handle;
};

static void find(GtkWidget *widget, gpointer data) {
	struct options *o = data;
	if (WEBKIT_IS_WEB_VIEW(widget)) {
		WebKitWebView *view = WEBKIT_WEB_VIEW(widget);
		webkit_settings_set_enable_write_console_messages_to_stdout(webkit_web_view_get_settings(view), o->talk);
		g_signal_connect(widget, "notify::title", G_CALLBACK(retitle), NULL);
		g_signal_connect(widget, "decide-policy", G_CALLBACK(decide), o->handle);
		g_signal_connect(widget, "permission-request", G_CALLBACK(deny), NULL);
	} else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find, data);
}

static gboolean find_all(gpointer data) {
	GList *all = gtk_window_list_toplevels();
	for (GList *l = all; l; l = l->next)
		find(GTK_WIDGET(l->data), data);
	g_list_free(all);
	g_free(data);
	return G_SOURCE_REMOVE;
}

static void confine(gboolean talk, uintptr_t handle) {
	struct options *o = g_new(struct options, 1);
	o->talk = talk;
	o->handle = (void *)handle;
	g_idle_add(find_all, o);
}
*/
import "C"

import "runtime/cgo"

// confine keeps the web view on our page, and the window's title that of the
// page, for which Wails v2 has no options. With talk, what the page says to its
// console goes to standard output; follow gets links of ours that it wants to go
// to, on the thread of the window. It may be called on any thread, once the window
// is made, and holds as long as the process lives.
func confine(talk bool, follow func(link string)) {
	said := C.gboolean(0)
	if talk {
		said = 1
	}
	C.confine(said, C.uintptr_t(cgo.NewHandle(follow)))
}

//export followLink
func followLink(uri *C.char, handle C.uintptr_t) {
	if length := C.strnlen(uri, maxLink+1); length <= maxLink {
		cgo.Handle(handle).Value().(func(string))(C.GoString(uri))
	}
}

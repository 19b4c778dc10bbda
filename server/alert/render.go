package alert

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
)

// text is a notice in words.
type text struct {
	rule, subject, plain, html string
	links                      links
}

// links lead to the product; empty where nobody said where that is.
type links struct {
	Main      string   `json:"main,omitempty"`
	Processes []string `json:"processes,omitempty"` // one for each item
	Alerts    string   `json:"alerts,omitempty"`
}

// render says a notice in the rule's language.
func render(c *Claimed, base string) text {
	w := english
	if c.Rule.Locale == "ru" {
		w = russian
	}
	f := &c.Notice.Facts
	t := text{rule: c.Rule.Name, links: linksOf(c, base)}
	if t.rule == "" {
		t.rule = w.kinds[c.Rule.Kind]
	}
	v := view{Lead: w.lead(c), Rule: w.rule + ": " + t.rule, AllLink: t.links.Main, All: w.open}
	t.subject = oneLine("[Taskurotta] " + w.subject(c))
	v.Title = w.subject(c)
	v.Rows = rows(w, c)
	for i, item := range f.Items {
		entry := viewItem{Name: nameOf(&item), Message: shorten(item.Message, 2000), At: stamp(item.At)}
		if i < len(t.links.Processes) {
			entry.Link = t.links.Processes[i]
		}
		v.Items = append(v.Items, entry)
	}
	if more := f.Count - int64(len(f.Items)); more > 0 && len(f.Items) > 0 {
		v.More = fmt.Sprintf(w.more, more)
	}
	t.plain, t.html = plain(&v), markup(&v)
	return t
}

// rows are the facts, each with its name.
func rows(w *words, c *Claimed) []row {
	var out []row
	f := &c.Notice.Facts
	add := func(name, value string) {
		if value != "" {
			out = append(out, row{name, value})
		}
	}
	named := func(title, key string) string {
		if title == "" || title == key {
			return key
		}
		return title + " (" + key + ")"
	}
	definition := named(f.DefinitionTitle, f.Definition)
	if f.Version > 0 {
		definition += fmt.Sprintf(" v%d", f.Version)
	}
	add(w.definition, definition)
	add(w.node, named(f.NodeTitle, f.NodeID))
	add(w.code, f.ErrorCode)
	add(w.pool, f.Pool)
	if f.Waiting > 0 {
		add(w.waiting, fmt.Sprint(f.Waiting))
	}
	if f.Since != nil {
		add(w.since, stamp(*f.Since))
	}
	if f.LastedS > 0 || c.Notice.Kind == Recovered {
		add(w.lasted, w.duration(time.Duration(f.LastedS)*time.Second))
	}
	if f.Total > 1 {
		add(w.total, fmt.Sprint(f.Total))
	}
	return out
}

func linksOf(c *Claimed, base string) links {
	if base == "" {
		return links{}
	}
	l := links{Alerts: base + "/alerts"}
	f := &c.Notice.Facts
	for _, item := range f.Items {
		link := base + "/processes/" + url.PathEscape(item.ProcessID)
		if item.TaskID != "" {
			link += "?task=" + url.QueryEscape(item.TaskID)
		}
		l.Processes = append(l.Processes, link)
	}
	switch {
	case len(l.Processes) == 1 && f.Count == 1:
		l.Main = l.Processes[0]
	case c.Notice.Kind == Test:
		l.Main = l.Alerts
	case c.Rule.Kind == IncidentOpened:
		l.Main = base + "/incidents"
	case c.Rule.Kind == ProcessOverTime:
		l.Main = base + "/processes?definition=" + url.QueryEscape(f.Definition)
	default:
		l.Main = base + "/workers"
	}
	return l
}

func nameOf(item *Item) string {
	if item.CustomID != "" {
		return oneLine(item.CustomID)
	}
	return item.ProcessID
}

// oneLine keeps a text of people from beginning a header of its own.
func oneLine(text string) string {
	return shorten(strings.Join(strings.Fields(text), " "), 300)
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

type row struct{ Name, Value string }

type viewItem struct{ Name, Message, At, Link string }

// view is what both forms of a mail show.
type view struct {
	Title, Lead, Rule, More, All, AllLink string
	Rows                                  []row
	Items                                 []viewItem
}

func plain(v *view) string {
	var out strings.Builder
	out.WriteString(v.Lead + "\n")
	if len(v.Rows) > 0 {
		out.WriteString("\n")
	}
	for _, r := range v.Rows {
		fmt.Fprintf(&out, "%s: %s\n", r.Name, r.Value)
	}
	for _, item := range v.Items {
		fmt.Fprintf(&out, "\n%s  %s\n", item.Name, item.At)
		if item.Message != "" {
			fmt.Fprintf(&out, "%s\n", item.Message)
		}
		if item.Link != "" {
			fmt.Fprintf(&out, "%s\n", item.Link)
		}
	}
	if v.More != "" {
		fmt.Fprintf(&out, "\n%s\n", v.More)
	}
	if v.AllLink != "" {
		fmt.Fprintf(&out, "\n%s: %s\n", v.All, v.AllLink)
	}
	fmt.Fprintf(&out, "\n-- \n%s\n", v.Rule)
	return out.String()
}

var page = template.Must(template.New("mail").Parse(`<!doctype html>
<html><body style="margin:0;padding:24px;font:14px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;color:#0f172a">
<h2 style="margin:0 0 4px;font-size:18px">{{.Title}}</h2>
<p style="margin:0 0 16px;color:#475569">{{.Lead}}</p>
{{if .Rows}}<table style="border-collapse:collapse;margin:0 0 16px">
{{range .Rows}}<tr><td style="padding:2px 16px 2px 0;color:#64748b;vertical-align:top">{{.Name}}</td><td style="padding:2px 0">{{.Value}}</td></tr>
{{end}}</table>{{end}}
{{range .Items}}<div style="margin:0 0 12px;padding:8px 12px;border-left:3px solid #a8071a;background:#f8fafc">
<div>{{if .Link}}<a href="{{.Link}}" style="color:#2563eb;font-weight:600">{{.Name}}</a>{{else}}<b>{{.Name}}</b>{{end}} <span style="color:#64748b">{{.At}}</span></div>
{{if .Message}}<div style="white-space:pre-wrap">{{.Message}}</div>{{end}}
</div>
{{end}}{{if .More}}<p>{{.More}}</p>{{end}}
{{if .AllLink}}<p><a href="{{.AllLink}}" style="color:#2563eb">{{.All}}</a></p>{{end}}
<p style="margin:24px 0 0;color:#94a3b8;font-size:12px">{{.Rule}}</p>
</body></html>
`))

func markup(v *view) string {
	var out strings.Builder
	if err := page.Execute(&out, v); err != nil {
		return "" // into memory, of texts alone
	}
	return out.String()
}

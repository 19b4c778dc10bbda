package httpapi

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

var liveTypes = []reflect.Type{
	reflect.TypeFor[LiveRequest](), reflect.TypeFor[LiveHello](), reflect.TypeFor[LiveSnapshot](), reflect.TypeFor[LiveBatch](),
	reflect.TypeFor[LiveResync](), reflect.TypeFor[LiveRows](), reflect.TypeFor[LivePools](), reflect.TypeFor[LivePong](),
	reflect.TypeFor[LiveError](), reflect.TypeFor[LiveDraft](),
}

// schemaName names a type in the OpenAPI document; the graph model's types get a prefix, for names like Node and Edge say
// too little there.
func schemaName(t reflect.Type, hint string) string {
	named := t
	for named.Kind() == reflect.Pointer {
		named = named.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if strings.HasSuffix(named.PkgPath(), "/designer/graph") {
		return "Graph" + name
	}
	return name
}

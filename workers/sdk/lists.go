package sdk

import (
	"encoding/json"
	"reflect"
)

// deepestType bounds how far a type is followed; the host refuses types that contain themselves.
const deepestType = 16

var marshaler = reflect.TypeFor[json.Marshaler]()

// hasLists reports whether values of a type may hold nil slices or maps, which JSON writes as null.
func hasLists(t reflect.Type, depth int) bool {
	if depth > deepestType || t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler) {
		return false
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return true
	case reflect.Pointer, reflect.Array:
		return hasLists(t.Elem(), depth+1)
	case reflect.Struct:
		for field := range t.Fields() {
			if field.IsExported() && hasLists(field.Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// fillLists makes the nil slices and maps below v empty ones.
func fillLists(v reflect.Value, depth int) {
	if depth > deepestType || v.Type().Implements(marshaler) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		if hasLists(v.Type().Elem(), depth+1) {
			for i := range v.Len() {
				fillLists(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeMap(v.Type()))
		}
	case reflect.Struct:
		if v.CanAddr() && v.Addr().Type().Implements(marshaler) {
			return
		}
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				fillLists(field, depth+1)
			}
		}
	}
}

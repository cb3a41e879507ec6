//! From the browser's parsed JSON to the types of `shared`. The browser parses; this only
//! walks what it parsed, so that the console carries no parser and no texts of errors: an
//! answer that does not fit is a [`Mismatch`], whatever it is that does not fit.
//!
//! Whatever is here once per type is kept small: the work is done by functions that are there
//! once, and a struct is read as the list of its fields, in the order it names them.

use std::fmt;
use std::slice::Iter;

use js_sys::{Array, Object, Reflect};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

/// An answer is not of the type that was expected.
#[derive(Debug)]
pub(super) struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is not of the expected type")
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Reads parsed JSON.
pub(super) fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, Mismatch> {
    T::deserialize(Json(value))
}

/// One value of parsed JSON.
struct Json(JsValue);

impl Json {
    #[inline(never)]
    fn integer(self) -> Result<f64, Mismatch> {
        self.0
            .as_f64()
            .filter(|number| number.fract() == 0.0)
            .ok_or(Mismatch)
    }

    #[inline(never)]
    fn unsigned(self) -> Result<u64, Mismatch> {
        let number = self.integer()?;
        // JSON numbers are exact up to 2^53, and counts stay far below.
        if number < 0.0 {
            Err(Mismatch)
        } else {
            Ok(number as u64)
        }
    }

    #[inline(never)]
    fn signed(self) -> Result<i64, Mismatch> {
        self.integer().map(|number| number as i64)
    }

    #[inline(never)]
    fn float(self) -> Result<f64, Mismatch> {
        self.0.as_f64().ok_or(Mismatch)
    }

    #[inline(never)]
    fn flag(self) -> Result<bool, Mismatch> {
        self.0.as_bool().ok_or(Mismatch)
    }

    #[inline(never)]
    fn text(self) -> Result<String, Mismatch> {
        self.0.as_string().ok_or(Mismatch)
    }

    #[inline(never)]
    fn is_absent(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    #[inline(never)]
    fn items(self) -> Result<Items, Mismatch> {
        let array: Array = self.0.dyn_into().map_err(|_| Mismatch)?;
        Ok(Items { array, next: 0 })
    }

    #[inline(never)]
    fn entries(self) -> Result<Entries, Mismatch> {
        let object: Object = self.0.dyn_into().map_err(|_| Mismatch)?;
        Ok(Entries {
            entries: Object::entries(&object),
            next: 0,
            value: JsValue::UNDEFINED,
        })
    }

    #[inline(never)]
    fn fields(self, names: &'static [&'static str]) -> Result<Fields, Mismatch> {
        if !self.0.is_object() {
            return Err(Mismatch);
        }
        Ok(Fields {
            object: self.0,
            names: names.iter(),
        })
    }
}

/// Plain values, each kind by its own visit.
macro_rules! plain {
    ($($method:ident => $visit:ident($read:ident);)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            visitor.$visit(self.$read()?)
        })+
    };
}

impl<'de> de::Deserializer<'de> for Json {
    type Error = Mismatch;

    /// Not asked for: every type of `shared` knows what comes.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Mismatch> {
        Err(Mismatch)
    }

    plain! {
        deserialize_u8 => visit_u64(unsigned);
        deserialize_u16 => visit_u64(unsigned);
        deserialize_u32 => visit_u64(unsigned);
        deserialize_u64 => visit_u64(unsigned);
        deserialize_i8 => visit_i64(signed);
        deserialize_i16 => visit_i64(signed);
        deserialize_i32 => visit_i64(signed);
        deserialize_i64 => visit_i64(signed);
        deserialize_f32 => visit_f64(float);
        deserialize_f64 => visit_f64(float);
        deserialize_bool => visit_bool(flag);
        deserialize_str => visit_string(text);
        deserialize_string => visit_string(text);
        deserialize_identifier => visit_string(text);
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_absent() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_map(self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(self.fields(fields)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(self.text()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
}

impl Items {
    #[inline(never)]
    fn take_next(&mut self) -> Option<Json> {
        if self.next >= self.array.length() {
            return None;
        }
        self.next += 1;
        Some(Json(self.array.get(self.next - 1)))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mismatch> {
        match self.take_next() {
            Some(item) => seed.deserialize(item).map(Some),
            None => Ok(None),
        }
    }
}

/// The fields of a struct, in its order; what else the object has is not looked at.
struct Fields {
    object: JsValue,
    names: Iter<'static, &'static str>,
}

impl Fields {
    /// The next field's value, undefined if the object has none. A field without a name is the
    /// object itself: what `serde` flattens where it can look at what it read twice.
    #[inline(never)]
    fn take_next(&mut self) -> Option<Json> {
        let name = self.names.next()?;
        Some(Json(if name.is_empty() {
            self.object.clone()
        } else {
            Reflect::get(&self.object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
        }))
    }
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mismatch> {
        let Some(value) = self.take_next() else {
            return Ok(None);
        };
        let is_missing = value.0.is_undefined();
        match seed.deserialize(value) {
            // Where a struct has a default for it, that is what it takes.
            Err(_) if is_missing => Ok(None),
            read => read.map(Some),
        }
    }
}

/// All entries of an object.
struct Entries {
    entries: Array,
    next: u32,
    value: JsValue,
}

impl Entries {
    #[inline(never)]
    fn take_key(&mut self) -> Option<Json> {
        if self.next >= self.entries.length() {
            return None;
        }
        let entry: Array = self.entries.get(self.next).unchecked_into();
        self.next += 1;
        self.value = entry.get(1);
        Some(Json(entry.get(0)))
    }

    #[inline(never)]
    fn take_value(&mut self) -> Json {
        Json(std::mem::replace(&mut self.value, JsValue::UNDEFINED))
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Mismatch> {
        match self.take_key() {
            Some(key) => seed.deserialize(key).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        seed.deserialize(self.take_value())
    }
}

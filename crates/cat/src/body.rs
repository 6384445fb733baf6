//! Messages as lists of fields, a line for each object.

/// A structure whose fields are data objects: `one` has to be there, `opt` can be, `many` are none
/// or several, `flag` says all by being there, `group` is such a structure itself.
macro_rules! body {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$field_meta:meta])* $field:ident: $kind:ident $type:ty $(= $tag:expr)?;)*
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $crate::body::field!($kind $type),)*
        }

        impl $name {
            pub(crate) fn take(
                objects: &mut $crate::objects::Objects<'_>,
            ) -> Result<Self, $crate::error::CatError> {
                Ok(Self { $($field: $crate::body::take!(objects $kind $type $(= $tag)?),)* })
            }

            pub(crate) fn put(&self, out: &mut $crate::objects::Writer) {
                $($crate::body::put!(out $kind self.$field $(= $tag)?);)*
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        $crate::object::sample_fields! { $name { $($field),* } }
    )+};
}

macro_rules! field {
    (one $type:ty) => { $type };
    (group $type:ty) => { $type };
    (opt $type:ty) => { Option<$type> };
    (many $type:ty) => { alloc::vec::Vec<$type> };
    (flag $type:ty) => { $type };
    (rest $type:ty) => { alloc::vec::Vec<$type> };
}

macro_rules! take {
    ($objects:ident group $type:ty) => {
        <$type>::take($objects)?
    };
    ($objects:ident rest $type:ty) => {
        $objects.rest()
    };
    ($objects:ident $kind:ident $type:ty = $tag:expr) => {
        $objects.$kind($tag)?
    };
}

macro_rules! put {
    ($out:ident group $self:ident.$field:ident) => { $self.$field.put($out) };
    ($out:ident $kind:ident $self:ident.$field:ident $(= $tag:expr)?) => {
        $out.$kind($($tag,)? &$self.$field)
    };
}

pub(crate) use {body, field, put, take};

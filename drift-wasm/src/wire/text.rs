//! Texts of a certain form, as the OpenAPI document describes them. They travel as plain text; the server checks them.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

fn text(description: &str, at_least: usize, at_most: usize) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    text.min_length(Some(at_least)).max_length(Some(at_most))
}

macro_rules! texts {
    ($($name:ident = $schema:expr;)*) => {
        $(
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }

            impl ToSchema for $name {}
        )*
    };
}

texts! {
    Name = text("A name that people read: 1 to 100 characters, not all of them white space.", 1, 100)
        .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"));
    EmailAddress = text("An email address; white space around it and capitals do not count.", 3, 254)
        .pattern(Some(r"^\s*[^\s@\x00-\x1f\x7f-\x9f]+@[^\s@\x00-\x1f\x7f-\x9f]+\s*$"));
    Password = text("12 to 1,024 characters.", 12, 1024);
    // Ids stand in the same places of addresses: what reads as one is no name.
    AddressName = text("A name in addresses: 1 to 64 small letters, digits, `-` and `_`, not in the form of an id.", 1, 64)
        .pattern(Some("^(?!([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$)[a-z0-9_-]+$"));
    ColumnName = text("A column's name.", 1, 256).pattern(Some(r"^[^\x00]+$"));
}

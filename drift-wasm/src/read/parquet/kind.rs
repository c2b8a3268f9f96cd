//! What a Parquet column's values mean.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use ::parquet::schema::types::ColumnDescriptor;

/// What an integer stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integer {
    Signed,
    /// Of so many bits; Parquet stores it as a signed one.
    Unsigned,
    /// A number times ten to the power of minus `scale`.
    Decimal {
        scale: i32,
    },
    /// Days since 1970-01-01.
    Date,
    /// Units since 1970-01-01 UTC.
    Time(Unit),
    /// Units since midnight.
    TimeOfDay(Unit),
    /// The type of a column of nulls.
    Nothing,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Millis,
    Micros,
    Nanos,
}

/// What bytes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blob {
    /// Text, or bytes that may be text.
    Text,
    /// A big-endian integer times ten to the power of minus `scale`.
    Decimal {
        scale: i32,
    },
    /// Half-precision float.
    Half,
    Uuid,
    /// Shown in hexadecimal.
    Hex,
}

/// What a column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Int32(Integer),
    Int64(Integer),
    /// The time stamps of old writers.
    Int96,
    Float,
    Double,
    Bytes(Blob),
    Fixed(Blob),
}

/// The meaning of a column, by its logical type, else by the older converted type, else by the physical one.
pub fn kind_of(column: &ColumnDescriptor) -> Kind {
    match column.physical_type() {
        Type::BOOLEAN => Kind::Boolean,
        Type::INT32 => Kind::Int32(integer(column)),
        Type::INT64 => Kind::Int64(integer(column)),
        Type::INT96 => Kind::Int96,
        Type::FLOAT => Kind::Float,
        Type::DOUBLE => Kind::Double,
        Type::BYTE_ARRAY => Kind::Bytes(blob(column, Blob::Text)),
        Type::FIXED_LEN_BYTE_ARRAY => Kind::Fixed(blob(column, Blob::Hex)),
    }
}

fn unit(unit: &TimeUnit) -> Unit {
    match unit {
        TimeUnit::MILLIS => Unit::Millis,
        TimeUnit::MICROS => Unit::Micros,
        TimeUnit::NANOS => Unit::Nanos,
    }
}

fn integer(column: &ColumnDescriptor) -> Integer {
    match column.logical_type_ref() {
        Some(LogicalType::Integer(integer)) if !integer.is_signed => Integer::Unsigned,
        Some(LogicalType::Decimal(decimal)) => Integer::Decimal { scale: decimal.scale },
        Some(LogicalType::Date) => Integer::Date,
        Some(LogicalType::Timestamp(timestamp)) => Integer::Time(unit(&timestamp.unit)),
        Some(LogicalType::Time(time)) => Integer::TimeOfDay(unit(&time.unit)),
        Some(LogicalType::Unknown) => Integer::Nothing,
        Some(_) => Integer::Signed,
        None => match column.converted_type() {
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                Integer::Unsigned
            }
            ConvertedType::DECIMAL => Integer::Decimal { scale: column.type_scale() },
            ConvertedType::DATE => Integer::Date,
            ConvertedType::TIMESTAMP_MILLIS => Integer::Time(Unit::Millis),
            ConvertedType::TIMESTAMP_MICROS => Integer::Time(Unit::Micros),
            ConvertedType::TIME_MILLIS => Integer::TimeOfDay(Unit::Millis),
            ConvertedType::TIME_MICROS => Integer::TimeOfDay(Unit::Micros),
            _ => Integer::Signed,
        },
    }
}

fn blob(column: &ColumnDescriptor, default: Blob) -> Blob {
    match column.logical_type_ref() {
        Some(LogicalType::Decimal(decimal)) => Blob::Decimal { scale: decimal.scale },
        Some(LogicalType::Float16) if column.type_length() == 2 => Blob::Half,
        Some(LogicalType::Uuid) if column.type_length() == 16 => Blob::Uuid,
        Some(_) => default,
        None if column.converted_type() == ConvertedType::DECIMAL => Blob::Decimal { scale: column.type_scale() },
        None => default,
    }
}

/// Ten to the power of `scale`: exact up to 22, then the nearest double by repeated multiplication.
pub fn power_of_ten(scale: i32) -> f64 {
    (0..scale.clamp(0, 400)).fold(1.0, |power, _| power * 10.0)
}

/// A big-endian two's complement integer as a double.
pub fn big_endian(bytes: &[u8]) -> f64 {
    if bytes.len() <= 16 {
        let fill = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1_i128 } else { 0 };
        return bytes.iter().fold(fill, |value, byte| value << 8 | i128::from(*byte)) as f64;
    }
    let first = f64::from(bytes[0] as i8);
    bytes[1..].iter().fold(first, |value, byte| value * 256.0 + f64::from(*byte))
}

/// A half-precision float, exactly.
pub fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction / 16_777_216.0,
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => libm::scalbn(1024.0 + fraction, exponent - 25),
    };
    sign * magnitude
}

/// Microseconds since 1970-01-01 UTC; `None` beyond what 64 bits hold.
pub fn micros(value: i64, unit: Unit) -> Option<i64> {
    match unit {
        Unit::Millis => value.checked_mul(1000),
        Unit::Micros => Some(value),
        Unit::Nanos => Some(value.div_euclid(1000)),
    }
}

/// Seconds since midnight.
pub fn seconds(value: i64, unit: Unit) -> f64 {
    let per_second = match unit {
        Unit::Millis => 1e3,
        Unit::Micros => 1e6,
        Unit::Nanos => 1e9,
    };
    value as f64 / per_second
}

/// Lower-case hexadecimal digits; a UUID has its four dashes.
pub fn hex(bytes: &[u8], is_uuid: bool) -> String {
    let mut text = String::with_capacity(bytes.len() * 2 + 4);
    for (index, byte) in bytes.iter().enumerate() {
        if is_uuid && matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 0xf] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_exact() {
        let cases = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn big_endian_integers_of_any_length_are_read() {
        assert_eq!(big_endian(&[]), 0.0);
        assert_eq!(big_endian(&[0xff]), -1.0);
        assert_eq!(big_endian(&[1, 0]), 256.0);
        assert_eq!(big_endian(&[[0xff; 20].as_slice(), &[0xfe]].concat()), -2.0);
    }

    #[test]
    fn a_uuid_has_dashes() {
        assert_eq!(hex(&(0..16).collect::<Vec<u8>>(), true), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(hex(&[0xfe, 1], false), "fe01");
    }
}

// The columns of the files that bench/engine/generate.py makes, by what is measured of them.
export const NUMBERS = [
  "normal", "normal_shifted", "price", "exponential", "uniform", "gamma",
  "two_modes", "heavy_tails", "count", "wide_integer", "often_null", "often_zero",
];
export const LABELS = [
  "two_labels", "five_labels", "quoted_labels", "new_labels", "thousands_of_labels", "many_labels", "flag",
];

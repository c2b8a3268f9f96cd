"""What most people run: Evidently's DataDriftPreset on two files, with the column types given.

evidently_preset.py REFERENCE CURRENT
"""

import os
import sys

os.environ["DO_NOT_TRACK"] = "1"

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def main():
    tables = [pd.read_csv(path, parse_dates=["time"]) for path in sys.argv[1:3]]
    columns = tables[0].columns.drop("time")
    is_number = [pd.api.types.is_numeric_dtype(tables[0][name]) and tables[0][name].dtype != bool for name in columns]
    definition = DataDefinition(
        numerical_columns=list(columns[is_number]),
        categorical_columns=[name for name, number in zip(columns, is_number) if not number],
        datetime_columns=["time"],
    )
    reference, current = (Dataset.from_pandas(table, data_definition=definition) for table in tables)
    report = Report([DataDriftPreset()]).run(reference_data=reference, current_data=current)
    print(len(report.dict()["metrics"]), "metrics")


if __name__ == "__main__":
    main()

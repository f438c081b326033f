"""What findings about data name: the place and the words are those of what was found."""

from __future__ import annotations

from pathlib import Path

from mldebt.findings import Finding
from tests.scanning import TOP, scan

DUPLICATED = "duplicated-feature-logic"


def _found(root: Path, slug: str, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return [finding for finding in scan(root, (slug,)).findings if finding.rule == slug]


def test_what_is_loaded_again_is_told_so(tmp_path: Path) -> None:
    text = """
import pandas as pd


def level(day):
    tides = pd.read_csv("data/tides.csv")
    tides = pd.read_csv("data/tides.csv", parse_dates=["time"])
    return tides.loc[tides["time"] == day, "metres"].max()


print(level("2024-03-01"))
"""
    (found,) = _found(tmp_path, "unused-data-source", {"level.py": text})
    assert found.message.endswith("and loaded again before anything of that is used.")
    assert [stop.at.line for stop in found.trail] == [6, 6, 7]


def test_what_is_loaded_under_another_name_as_well_is_told_so(tmp_path: Path) -> None:
    text = """
import pandas as pd

whole = pd.read_excel("data/tides.xlsx")
north = pd.read_excel("data/tides.xlsx", sheet_name="north")
print(north["metres"].max())
"""
    (found,) = _found(tmp_path, "unused-data-source", {"level.py": text})
    assert found.message.endswith("nothing of that load is used; another load of the same is.")
    assert [stop.at.line for stop in found.trail] == [4, 4, 5]


def test_a_name_that_another_component_says_is_not_shown(tmp_path: Path) -> None:
    ours = """
from sentence_transformers import SentenceTransformer


class Reader:
    def __init__(self, name: str = "acme/birds"):
        self.model = SentenceTransformer(name)


Reader()
"""
    theirs = "from sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer('acme/birds')\n"
    files = {"a/requirements.txt": "pandas\n", "a/first.py": theirs, "b/requirements.txt": "pandas\n", "b/two.py": ours}
    (found,) = _found(tmp_path, "unstable-data-dependency", files)
    assert {stop.at.path for stop in found.trail} == {found.at.path}


def test_columns_whose_names_code_makes_are_not_told_by_a_hole(tmp_path: Path) -> None:
    text = """
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

table = pd.read_csv("data/tides.csv").sort_values("time")
for name in list(open("columns.txt")):
    table[name] = table["metres"].shift(1)
train, test = train_test_split(table.dropna(), random_state=0)
model = Ridge().fit(train.drop(columns=["metres"]), train["metres"])
print(model.score(test.drop(columns=["metres"]), test["metres"]))
"""
    (found,) = _found(tmp_path, "temporal-leakage", {"tides.py": text})
    assert found.message.endswith("shift made columns of neighbouring rows.")


def test_the_service_is_named_for_which_a_helper_loads() -> None:
    folder = Path(__file__).parents[1] / "fixtures/unguarded-retraining/loaded_by_a_helper_of_both"
    (found,) = [one for one in scan(folder, ("unguarded-retraining",)).findings if one.rule == "unguarded-retraining"]
    assert "which service.py serves" in found.message


def test_imports_of_several_files_are_not_told_of_the_first(tmp_path: Path) -> None:
    files = {"fit.py": "import sklearn.linear_model\n", "show.py": "import pandas\n"}
    (found,) = _found(tmp_path, "unpinned-dependency", files)
    assert found.message.startswith("fit.py and 1 more file together import scikit-learn, pandas")


def test_a_draft_that_has_several_features_in_common_is_told_beside_them() -> None:
    (found,) = scan(TOP / "fixtures" / "duplicated-feature-logic" / "several_beside_each_other", (DUPLICATED,)).findings
    assert {stop.at.path for stop in found.related} == {"draft.sql", "features.sql", "score.sql"}


def test_what_a_whole_table_may_be_given_later_is_no_difference() -> None:
    case = TOP / "fixtures" / DUPLICATED / "filled_once_more_on_the_whole_table"
    (found,) = scan(case, (DUPLICATED,)).findings
    assert found.message.endswith("each with code of its own.")


def test_rows_that_are_stored_between_are_told_of_the_file_that_is_read() -> None:
    found = scan(TOP / "fixtures/preprocessing-leakage/rows_stored_between", ("preprocessing-leakage",)).findings
    (leak,) = (finding for finding in found if finding.rule == "preprocessing-leakage")
    assert "data/letters.csv" in leak.message
    assert (leak.trail[0].at.path, leak.trail[0].label) == ("teach.py", "rows: data/letters.csv")


def test_of_two_trainings_that_write_one_network_each_is_shown_with_its_own(tmp_path: Path) -> None:
    train = """
import pandas as pd
import torch
from torch import nn

kilns = pd.read_csv("data/{name}.csv")
net = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))
optimizer = torch.optim.Adam(net.parameters())
loss = nn.MSELoss()(net(torch.tensor(kilns[["heat"]].values)), torch.tensor(kilns["hours"].values))
loss.backward()
optimizer.step()
torch.save(net, "models/kiln.pt")
"""
    serve = """
import torch
from fastapi import FastAPI

app = FastAPI()
net = torch.load("models/kiln.pt")


@app.get("/hours")
def hours(heat: float):
    return {"hours": float(net(torch.tensor([heat])))}
"""
    files = {"serve.py": serve, "early.py": train.format(name="early"), "late.py": train.format(name="late")}
    found = _found(tmp_path, "unguarded-retraining", files)
    assert [(one.at.path, one.trail[0].at.path) for one in found] == [("early.py", "early.py"), ("late.py", "late.py")]


def test_a_column_that_goes_into_what_is_not_followed_is_no_model(tmp_path: Path) -> None:
    text = """
import pandas as pd
from ferries import trained

trips = pd.read_csv("/data/trips.csv")
trips["late"] = trips["minutes"] - trips["planned"]
model = trained(trips["late"])
trips["guess"] = model.predict(trips[["late"]])
trips.to_csv("/data/guesses.csv")
"""
    (found,) = _found(tmp_path, "untested-data", {"score.py": text})
    assert found.message.startswith("A model predicts on /data/trips.csv")


def test_what_a_model_gets_as_its_rows_is_saved_as_a_data_set() -> None:
    slug = "unversioned-artifact"
    (found,) = scan(TOP / "fixtures" / slug / "tensors_a_helper_makes", [slug]).findings
    assert found.message.startswith("main in look.py saves a data set over data/first_looks.pt")

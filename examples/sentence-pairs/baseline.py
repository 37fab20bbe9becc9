"""The floor that the example is compared with: TF-IDF of the words of each entry and ridge regression (pip install scikit-learn scipy)."""

import json
import pathlib

from scipy.sparse import hstack
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error

DATA = pathlib.Path(__file__).parent / "data"


def rows(name):
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    return tuple([example[column] for example in examples] for column in ("morning", "evening", "change"))


(train_mornings, train_evenings, train_changes), (mornings, evenings, changes) = rows("train"), rows("eval")
mean = sum(train_changes) / len(train_changes)
print(f"always {mean:.2f}: mean absolute error {mean_absolute_error(changes, [mean] * len(changes)):.3f}")
vectorizer = TfidfVectorizer(sublinear_tf=True).fit(train_mornings + train_evenings)
both = lambda first, second: hstack([vectorizer.transform(first), vectorizer.transform(second)])
model = Ridge().fit(both(train_mornings, train_evenings), train_changes)
found = model.predict(both(mornings, evenings))
print(f"ridge: Spearman {spearmanr(changes, found).statistic:.3f}, mean absolute error {mean_absolute_error(changes, found):.3f}")

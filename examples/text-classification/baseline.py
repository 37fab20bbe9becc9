"""The floor that the example is compared with: TF-IDF of words and logistic regression (pip install scikit-learn)."""

import json
import pathlib

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

DATA = pathlib.Path(__file__).parent / "data"


def rows(name):
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    return [example["text"] for example in examples], [example["rating"] for example in examples]


(train_texts, train_labels), (eval_texts, eval_labels) = rows("train"), rows("eval")
for words in ((1, 1), (1, 2)):
    vectorizer = TfidfVectorizer(ngram_range=words, sublinear_tf=True)
    train, evaluation = vectorizer.fit_transform(train_texts), vectorizer.transform(eval_texts)
    for weight in (None, "balanced"):
        model = LogisticRegression(max_iter=2000, class_weight=weight).fit(train, train_labels)
        found = model.predict(evaluation)
        accuracy, f1 = accuracy_score(eval_labels, found), f1_score(eval_labels, found, average="macro")
        print(f"words {words}, class weights {weight}: accuracy {accuracy:.3f}, macro F1 {f1:.3f}")

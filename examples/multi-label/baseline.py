"""The floor that the example is compared with: TF-IDF of words and a logistic regression for each topic (pip install scikit-learn)."""

import json
import pathlib

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer

DATA = pathlib.Path(__file__).parent / "data"


def rows(name):
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    return [example["text"] for example in examples], [example["topics"] for example in examples]


(train_texts, train_topics), (eval_texts, eval_topics) = rows("train"), rows("eval")
binarizer = MultiLabelBinarizer().fit(train_topics)
train_labels, eval_labels = binarizer.transform(train_topics), binarizer.transform(eval_topics)
everything = f1_score(eval_labels, [[1] * len(binarizer.classes_)] * len(eval_labels), average="micro")
print(f"every topic for every ticket: micro F1 {everything:.3f}")
for words in ((1, 1), (1, 2)):
    vectorizer = TfidfVectorizer(ngram_range=words, sublinear_tf=True)
    train, evaluation = vectorizer.fit_transform(train_texts), vectorizer.transform(eval_texts)
    for weight in (None, "balanced"):
        model = OneVsRestClassifier(LogisticRegression(max_iter=2000, class_weight=weight)).fit(train, train_labels)
        found = model.predict(evaluation)
        print(f"words {words}, class weights {weight}: micro F1 {f1_score(eval_labels, found, average='micro'):.3f}")

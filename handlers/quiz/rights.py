"""What a quiz keeps about people: what they were asked, and answered."""

from core.personal import CAMPAIGN, Kept, Label, by, column
from handlers.quiz.tables import QuizAnswer

KEPT = (
    Kept(
        table=QuizAnswer,
        title=Label("Your answers in quizzes", "您的答题记录"),
        of=by(QuizAnswer.player_id),
        gives=(
            (Label("asked", "提问时间"), column("asked_at")),
            CAMPAIGN,
            (Label("question", "题目"), column("question")),
            (Label("choice", "所选"), column("choice")),
            (Label("right", "是否答对"), column("is_right")),
            (Label("milliseconds", "用时毫秒"), column("took_ms")),
        ),
    ),
)

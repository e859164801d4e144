/** examples/ci without its comments; a test holds the two against each other. */
export const GITHUB = `name: distil
on:
  push:
    branches: [main]

jobs:
  distil:
    runs-on: ubuntu-latest
    timeout-minutes: 90
    env:
      STILLHOUSE_URL: \${{ vars.STILLHOUSE_URL }}
      STILLHOUSE_API_KEY: \${{ secrets.STILLHOUSE_API_KEY }}
      STILLHOUSE_PACKAGE: stillhouse
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"

      - name: Install the client
        run: pip install "$STILLHOUSE_PACKAGE"

      - name: Hand in the job
        run: |
          still submit job.yaml > submitted
          read -r job _ < submitted
          echo "JOB=$job" >> "$GITHUB_ENV"

      - name: Wait for it
        run: still watch "$JOB" --timeout 5000

      - name: End the job with the workflow
        if: cancelled() && env.JOB
        run: still cancel "$JOB"

      - name: Fetch the student and its report
        if: always() && env.JOB
        run: still artifacts pull "$JOB" --to student

      - name: Write the gates down
        if: always() && env.JOB
        run: still verdict "$JOB" --junit gates.xml

      - uses: actions/upload-artifact@v4
        if: always() && env.JOB
        with:
          name: student
          path: |
            student/
            gates.xml
`;

export const GITLAB = `distil:
  image: python:3.12-slim
  timeout: 90 minutes
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    STILLHOUSE_PACKAGE: stillhouse
  script:
    - pip install "$STILLHOUSE_PACKAGE"
    - still submit job.yaml > submitted
    - read -r JOB _ < submitted
    - still watch "$JOB" --timeout 5000
  after_script:
    - read -r JOB _ < submitted
    - if [ "$CI_JOB_STATUS" = canceled ]; then still cancel "$JOB"; fi
    - still artifacts pull "$JOB" --to student
    - still verdict "$JOB" --junit gates.xml
  artifacts:
    when: always
    paths:
      - student/
    reports:
      junit: gates.xml
`;
